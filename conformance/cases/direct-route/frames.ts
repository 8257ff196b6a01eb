import type { Case } from '../../harness/case.ts';
import { arp, ethernet, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -g -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -g -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.13:80 -g -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.14:80 -g -w 1
`;

const method = 'direct-route';

export const cases: readonly Case[] = [
  {
    id: 'direct-route/frame-only',
    title: "Only the frame's addresses change, the packet inside stays as it is",
    requirement:
      "The IP packet is neither changed nor wrapped: the frame's destination MAC address becomes the chosen server's, and the frame is sent on the servers' LAN.",
    source: ['paper P29, P30', 'ipvs-cases A08'],
    level: 'core',
    tags: ['direct-route', 'header'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method, ttl: 'kept' });
      await flow.clientSends('S', {
        ip: { tos: 0x03, id: 0xbeef, df: false },
        tcp: { window: 1, options: '020405b40402080a0000000100000000010303ff' },
      });
      await flow.clientSends('UAP', { payload: everyByte(1460), tcp: { urgent: 5 } });
    },
  },
  {
    id: 'direct-route/header-otherwise-identical',
    title: 'Of the IP header only TTL and header checksum are different',
    requirement:
      'The packet is forwarded with the TTL one less and the header checksum to match, every other byte as it came.',
    source: ['ip_vs_xmit.c:ip_vs_dr_xmit, decrement_ttl', 'ipvs-cases A08'],
    level: 'ipvs',
    tags: ['direct-route', 'header', 'ttl'],
    needs: [],
    rules,
    async script({ client, director, servers, vip }) {
      await client.sends(
        ip({ destination: vip, tos: 0x03 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      );
      servers[3].receives(
        ethernet({ source: director.server.mac, destination: servers[3].mac }),
        ip({ source: client.address, destination: vip, ttl: 63, tos: 0x03, id: 0x1234, df: true, totalLength: 40 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1000, flags: 'S', window: 8192 }),
      );
    },
  },
  {
    id: 'direct-route/half-connection',
    title: 'The requests of a whole connection go to one server, though the director sees no response',
    requirement:
      'The director handles only the client-to-server half: the connection is recorded with its first packet, and those that follow reach the same server.',
    source: ['paper P12, P29, P32, P33'],
    level: 'core',
    tags: ['direct-route', 'connection'],
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
    id: 'direct-route/connections-interleaved',
    title: 'Connections of several clients and ports, in turn, each keep their server',
    requirement: 'Each packet goes to the server that its own connection is recorded with.',
    source: ['paper P12, P29'],
    level: 'core',
    tags: ['direct-route', 'connection'],
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
      lab.equal('servers in use', new Set(flows.map(({ server }) => server.name)).size, 4);
      for (const flow of [...flows].reverse()) await flow.clientSends('A');
      for (const flow of flows) await flow.clientSends('AP', { payload: `ask ${flow.server.name}` });
      for (const flow of [...flows].reverse()) await flow.clientSends('AF');
    },
  },
  {
    id: 'direct-route/virtual-address-not-asked-for',
    title: "On the servers' LAN the director asks by ARP for the server, never for the virtual address",
    requirement:
      "The servers' virtual addresses sit on devices that do not answer ARP, so the director finds the MAC address by the server's own address; it does not announce the virtual address there either.",
    source: ['paper P29, P31', 'RFC 826'],
    level: 'core',
    tags: ['direct-route', 'arp'],
    needs: [],
    rules,
    async script(lab) {
      const { director, vip } = lab;
      const flow = lab.flow({ method });
      await flow.clientSends('S');
      const { server } = flow;
      server.receives(
        ethernet({ source: director.server.mac, destination: 'ff:ff:ff:ff:ff:ff' }),
        arp({
          operation: 1,
          senderMac: director.server.mac,
          senderAddress: director.server.address,
          targetAddress: server.address,
        }),
      );
      server.receivesNoArp(arp({ targetAddress: vip }));
      server.receivesNoArp(arp({ senderAddress: vip }));
    },
  },
  {
    id: 'direct-route/udp-service',
    title: 'Datagrams of one client port go to one server, unchanged',
    requirement:
      'UDP is balanced as TCP is: the packet is neither changed nor wrapped, and those that follow reach the same server.',
    source: ['paper P12, P29, P33'],
    level: 'core',
    tags: ['direct-route', 'udp'],
    needs: [],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const one = lab.flow({ method, protocol: 'udp' });
      const other = lab.flow({ method, protocol: 'udp', client: lab.otherClient });
      await one.clientSends();
      await other.clientSends();
      lab.equal('servers in use', new Set([one.server.name, other.server.name]).size, 2);
      await one.clientSends('', { payload: everyByte(1471) });
      await other.clientSends('', { payload: '' });
    },
  },
  {
    id: 'direct-route/checksums-untouched',
    title: "A wrong or absent transport checksum is none of the director's business",
    requirement:
      'The packet is not changed: a UDP checksum of zero stays zero, and a wrong TCP or UDP checksum stays what it was.',
    source: ['paper P29', 'RFC 768', 'ipvs-cases A26'],
    level: 'core',
    tags: ['direct-route', 'checksum', 'udp'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:53 -s rr
      -a -t 10.0.0.100:53 -r 192.168.1.11:53 -g -w 1
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:53 -g -w 1
    `,
    async script({ client, servers: [server], vip }) {
      const ports = { sourcePort: 5000, destinationPort: 53 };
      for (const checksum of [0, 0x1234]) {
        await client.sends(ip({ destination: vip }), udp({ ...ports, checksum }), payload('datagram'));
        server.receives(ip({ destination: vip }), udp({ ...ports, checksum }), payload('datagram'));
      }
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S', checksum: 0x1111 }));
      server.receives(ip({ destination: vip }), tcp({ ...ports, flags: 'S', checksum: 0x1111 }));
    },
  },
  {
    id: 'direct-route/port-untouched',
    title: 'The port of the server in the configuration does not reach the packet',
    requirement:
      'The packet is not changed, so a server on another port than the service is not possible; the service port stays in the packet.',
    source: ['paper P29', 'ip_vs_xmit.c:ip_vs_dr_xmit'],
    level: 'core',
    tags: ['direct-route', 'header'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -g -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ method, servers: [lab.servers[0]] });
      await flow.establish();
    },
  },
  {
    id: 'direct-route/client-beyond-router',
    title: 'Requests of a client behind a router go to the server with his own address',
    requirement: 'The packet is not changed: the server sees the true client, and can answer it past the director.',
    source: ['paper P29, P32'],
    level: 'core',
    tags: ['direct-route', 'route'],
    needs: [],
    rules,
    async script(lab) {
      const { gateway, servers, vip } = lab;
      const syn = { sourcePort: 40001, destinationPort: 80, sequence: 1000, flags: 'S' };
      await gateway.sends(ip({ source: '10.9.9.9', destination: vip, ttl: 61 }), tcp(syn));
      const ttl = { oneOf: [61, 60] };
      lab.oneOf(servers, [ip({ source: '10.9.9.9', destination: vip, totalLength: 40, id: 0x1234, ttl }), tcp(syn)]);
    },
  },
  {
    id: 'direct-route/server-beyond-router',
    title: 'A server behind a router gets the frame by way of that router',
    requirement:
      'The next hop towards the server gets the frame: the packet inside, still addressed to the virtual address, is unchanged but for its TTL.',
    source: ['ip_vs_xmit.c:ip_vs_dr_xmit (IP_VS_RT_MODE_KNOWN_NH)', 'ipvs-cases A10'],
    level: 'ipvs',
    tags: ['direct-route', 'route'],
    needs: [],
    environment: { routes: [{ destination: '172.16.0.0/24', via: '192.168.1.14' }] },
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 172.16.0.5:80 -g -w 1
    `,
    async script({ client, director, servers, vip }) {
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      servers[3].receives(
        ethernet({ source: director.server.mac, destination: servers[3].mac }),
        ip({ source: client.address, destination: vip, ttl: 63, totalLength: 40 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      );
    },
  },
];
