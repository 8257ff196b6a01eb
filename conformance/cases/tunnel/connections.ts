import type { Case } from '../../harness/case.ts';
import { ethernet, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -i -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.13:80 -i -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.14:80 -i -w 1
`;

const rulesOfFarServer = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 172.16.0.5:80 -i -w 1
`;

const method = 'tunnel';
/** As it was, or a router's one less: `headers/ttl-tunnel` asks which. */
const ttlOf64 = { oneOf: [64, 63] };

export const cases: readonly Case[] = [
  {
    id: 'tunnel/half-connection',
    title: 'The requests of a whole connection go through one tunnel, though the director sees no response',
    requirement:
      'The director sees one half of the connection: recorded with its first packet, the others are wrapped for the same server.',
    source: ['paper P12, P22, P25, P26'],
    level: 'core',
    tags: ['tunnel', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await flow.clientSends('A');
      await flow.clientSends('AF');
      await flow.clientSends('A');
    },
  },
  {
    id: 'tunnel/end-per-connection',
    title: "The tunnel's far end is chosen for each connection",
    requirement:
      "The tunnel's far end is not set up statically: each connection has its server's, and connections in turn are not mixed up.",
    source: ['paper P12, P23'],
    level: 'core',
    tags: ['tunnel', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const { otherClient } = lab;
      const flows = [
        lab.flow({ method, port: 40001 }),
        lab.flow({ method, port: 40002 }),
        lab.flow({ method, port: 40001, client: otherClient }),
        lab.flow({ method, port: 40003, client: otherClient }),
      ];
      for (const flow of flows) await flow.clientSends('S');
      lab.equal('far ends in use', new Set(flows.map(({ server }) => server.name)).size, 4);
      for (const flow of [...flows].reverse()) await flow.clientSends('A');
      for (const flow of flows) await flow.clientSends('AP', { payload: `ask ${flow.server.name}` });
      for (const flow of [...flows].reverse()) await flow.clientSends('AF');
    },
  },
  {
    id: 'tunnel/payload-whole',
    title: 'Payload, options and flags arrive inside the tunnel as they were sent',
    requirement: 'The packet is wrapped whole; nothing in it is changed.',
    source: ['paper P22', 'RFC 2003 §3.1'],
    level: 'core',
    tags: ['tunnel', 'payload'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method });
      await flow.clientSends('CES', { tcp: { options: '020405b40402080a0000000100000000010303ff', window: 65535 } });
      await flow.clientSends('A', { ip: { tos: 0xb8, id: 0, df: false } });
      // 1440 bytes and three headers of 20 fill an Ethernet frame.
      await flow.clientSends('UAP', { payload: everyByte(1440), tcp: { urgent: 7 } });
      await flow.clientSends('A', { payload: everyByte(1439, 3) });
    },
  },
  {
    id: 'tunnel/udp-service',
    title: 'Datagrams of one client port go through one tunnel, unchanged',
    requirement: 'UDP is balanced as TCP is: the packet is wrapped whole, and those that follow reach the same server.',
    source: ['paper P12, P22, P26'],
    level: 'core',
    tags: ['tunnel', 'udp'],
    needs: [],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const one = lab.flow({ method, protocol: 'udp' });
      const other = lab.flow({ method, protocol: 'udp', client: lab.otherClient });
      await one.clientSends();
      await other.clientSends();
      lab.equal('far ends in use', new Set([one.server.name, other.server.name]).size, 2);
      await one.clientSends('', { payload: everyByte(1451) });
      await other.clientSends('', { payload: '' });
    },
  },
  {
    id: 'tunnel/checksums-untouched',
    title: "A wrong or absent transport checksum is none of the director's business",
    requirement:
      'The packet is wrapped unchanged: a UDP checksum of zero stays zero, and a wrong one stays what it was.',
    source: ['paper P22', 'RFC 768'],
    level: 'core',
    tags: ['tunnel', 'checksum', 'udp'],
    needs: [],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const { client, servers, vip } = lab;
      for (const [index, checksum] of [0, 0x1234, 0xffff].entries()) {
        const ports = { sourcePort: 5000 + index, destinationPort: 80 };
        await client.sends(ip({ destination: vip }), udp({ ...ports, checksum }), payload('datagram'));
        lab.oneOf(servers, [
          ip({ protocol: 4 }),
          ip({ destination: vip }),
          udp({ ...ports, checksum }),
          payload('datagram'),
        ]);
      }
    },
  },
  {
    id: 'tunnel/server-beyond-router',
    title: 'A server on another network gets its tunnel packets by way of the router',
    requirement:
      "The tunnel packet is routed as any other: the server may be anywhere, the frame goes to the router's MAC address.",
    source: ['paper P8, P22', 'RFC 1812 §5.2.4'],
    level: 'core',
    tags: ['tunnel', 'route'],
    needs: [],
    environment: { routes: [{ destination: '172.16.0.0/24', via: '192.168.1.254' }] },
    rules: rulesOfFarServer,
    async script({ client, director, router, vip }) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      router.receives(
        ethernet({ source: director.server.mac, destination: router.mac }),
        ip({ source: director.server.address, destination: '172.16.0.5', protocol: 4, totalLength: 60 }),
        ip({ source: client.address, destination: vip, totalLength: 40, ttl: ttlOf64 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000, flags: 'S' }),
      );
    },
  },
  {
    id: 'tunnel/server-outside',
    title: "A server may be reached over the clients' network",
    requirement:
      "Servers may be spread over a wide area network: the tunnel packet leaves by the route to the server, with the director's address on that wire as its source.",
    source: ['paper P8, P22', 'RFC 2003 §3.1'],
    level: 'core',
    tags: ['tunnel', 'route'],
    needs: [],
    rules: rulesOfFarServer,
    async script({ client, director, gateway, vip }) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      gateway.receives(
        ethernet({ source: director.client.mac, destination: gateway.mac }),
        ip({ source: director.client.address, destination: '172.16.0.5', protocol: 4, totalLength: 60 }),
        ip({ source: client.address, destination: vip, totalLength: 40, ttl: ttlOf64 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000, flags: 'S' }),
      );
    },
  },
];
