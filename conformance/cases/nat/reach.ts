import type { Case } from '../../harness/case.ts';
import type { Host } from '../../harness/lab.ts';
import { ethernet, icmp, ip, tcp } from '../../harness/layers.ts';

/** A client beyond the gateway, which speaks for it on the clients' wire. */
const FAR_CLIENT = '10.9.9.9';
const FAR_SERVER = '172.16.0.5';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const rulesOfFarServer = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 172.16.0.5:8080 -m -w 1
`;

const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' };
const synAck = { sourcePort: 8080, destinationPort: 40001, sequence: 5000, acknowledgement: 1001, flags: 'AS' };

/** The request to the far server as it must leave by `router`, and the far server's answer on its way back. */
async function reachesFarServerBy(router: Host, macOfDirector: string, client: Host, vip: string): Promise<void> {
  await client.sends(ip({ destination: vip }), tcp(syn));
  router.receives(
    ethernet({ source: macOfDirector, destination: router.mac }),
    ip({ source: client.address, destination: FAR_SERVER, ttl: 63, totalLength: 40, id: 0x1234, df: true }),
    tcp({ ...syn, destinationPort: 8080, sequence: 1000 }),
  );
  await router.sends(
    ethernet({ destination: macOfDirector }),
    ip({ source: FAR_SERVER, destination: client.address, ttl: 60 }),
    tcp(synAck),
  );
  client.receives(
    ip({ source: vip, destination: client.address, ttl: 59, totalLength: 40 }),
    tcp({ ...synAck, sourcePort: 80 }),
  );
}

export const cases: readonly Case[] = [
  {
    id: 'nat/client-beyond-router',
    title: 'A client behind a router is answered by way of that router',
    requirement:
      "The response goes to the client with the virtual address as its source: by the director's routes, whatever network the client is on.",
    source: ['paper P13, P19', 'RFC 1812 §5.2.4'],
    level: 'core',
    tags: ['nat', 'route'],
    needs: [],
    rules,
    async script({ gateway, director, servers: [server], vip }) {
      await gateway.sends(ip({ source: FAR_CLIENT, destination: vip, ttl: 60 }), tcp(syn));
      server.receives(
        ip({ source: FAR_CLIENT, destination: server.address, ttl: 59, totalLength: 40 }),
        tcp({ ...syn, destinationPort: 8080, sequence: 1000 }),
      );
      await server.sends(ip({ destination: FAR_CLIENT }), tcp(synAck));
      gateway.receives(
        ethernet({ source: director.client.mac, destination: gateway.mac }),
        ip({ source: vip, destination: FAR_CLIENT, ttl: 63, totalLength: 40 }),
        tcp({ ...synAck, sourcePort: 80 }),
      );
    },
  },
  {
    id: 'nat/server-beyond-router',
    title: 'A server behind a router is reached through that router',
    requirement:
      "The rewritten request goes to the chosen server: where a router leads to it, in a frame to the router's MAC address.",
    source: ['paper P11', 'RFC 1812 §5.2.4'],
    level: 'core',
    tags: ['nat', 'route'],
    needs: [],
    environment: {
      routes: [
        { destination: '0.0.0.0/0', via: '10.0.0.254' },
        { destination: '172.16.0.0/24', via: '192.168.1.254' },
      ],
    },
    rules: rulesOfFarServer,
    script: ({ client, director, router, vip }) => reachesFarServerBy(router, director.server.mac, client, vip),
  },
  {
    id: 'nat/server-outside',
    title: "A server may be reached over the clients' network",
    requirement:
      'The route to the chosen server alone decides which wire the rewritten request takes, also the one that it came by.',
    source: ['paper P11', 'RFC 1812 §5.2.4'],
    level: 'core',
    tags: ['nat', 'route'],
    needs: [],
    rules: rulesOfFarServer,
    script: ({ client, director, gateway, vip }) => reachesFarServerBy(gateway, director.client.mac, client, vip),
  },
  {
    id: 'nat/no-route-to-server',
    title: 'A client hears at once that there is no way to its server',
    requirement:
      'A packet that cannot be forwarded for want of a route is answered by destination unreachable, network or host, which quotes it as it was sent.',
    source: ['RFC 1812 §4.3.3.1, §5.2.7.1'],
    level: 'core',
    tags: ['nat', 'route', 'icmp'],
    needs: [],
    environment: { routes: [] },
    rules: rulesOfFarServer,
    async script(lab) {
      const { client, director, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp(syn));
      client.receives(
        ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: { oneOf: [0, 1] }, rest: 0 }),
        ip({ source: client.address, destination: vip, totalLength: 40, id: 0x1234 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000 }),
      );
      // Control: the same request is forwarded once its server is within reach.
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1', '-d -t 10.0.0.100:80 -r 172.16.0.5:8080');
      await lab.flow({ port: 40002, realPort: 8080, servers: [lab.servers[0]] }).clientSends('S');
    },
  },
  {
    id: 'nat/no-route-to-server-host-unreachable',
    title: 'A server without a route is "host unreachable", said by the virtual address; the connection stays',
    requirement:
      'Without a route to the server the client gets 3/1 from the virtual address; the entry is in SYN_RECV.',
    source: ['ip_vs_xmit.c:__ip_vs_get_out_rt', 'ipvs-cases A39'],
    level: 'ipvs',
    tags: ['nat', 'route', 'icmp'],
    needs: ['connections', 'services'],
    environment: { routes: [] },
    rules: rulesOfFarServer,
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp(syn));
      client.receives(
        ip({ source: vip, tos: 0xc0, totalLength: 68, ttl: 64 }),
        icmp({ type: 3, code: 1, rest: 0 }),
        ip({ destination: vip, ttl: 64 }),
        tcp({ sourcePort: 40001, destinationPort: 80 }),
      );
      lab.equal('state', (await lab.connections())[0]?.state, 'SYN_RECV');
      lab.equal('active connections', (await lab.services())[0]?.servers[0]?.active, 1);
    },
  },
];
