import type { Case } from '../../harness/case.ts';
import { arp, ethernet, icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const ports = { sourcePort: 40001, destinationPort: 80 };
const FAR = '10.9.9.9';

export const cases: readonly Case[] = [
  {
    id: 'stack/routes-to-server',
    title: 'What is addressed to a server itself is routed, not balanced',
    requirement:
      'A packet to another address than that of a service is forwarded as any router does: nothing but TTL and frame changes.',
    source: ['RFC 1812 §5.2.1, §5.3.1', 'paper P11'],
    level: 'core',
    tags: ['route'],
    needs: [],
    rules,
    async script({ client, director, servers }) {
      const server = servers[2];
      for (const ttl of [255, 2]) {
        await client.sends(ip({ destination: server.address, ttl, tos: 0xb9, id: 7 }), tcp({ ...ports, flags: 'S' }));
        server.receives(
          ethernet({ source: director.server.mac, destination: server.mac }),
          ip({ source: client.address, destination: server.address, ttl: ttl - 1, tos: 0xb9, id: 7, totalLength: 40 }),
          tcp({ ...ports, flags: 'S', sequence: 1000 }),
        );
      }
    },
  },
  {
    id: 'stack/routes-to-gateway',
    title: 'What a server sends to the world goes to the default gateway',
    requirement:
      "The servers' gateway under VS/NAT is the director: what they send to other networks it forwards to its own next hop.",
    source: ['RFC 1812 §5.2.4', 'paper P10'],
    level: 'core',
    tags: ['route'],
    needs: [],
    rules,
    async script({ director, gateway, servers: [server] }) {
      await server.sends(
        ip({ destination: FAR }),
        udp({ sourcePort: 123, destinationPort: 123 }),
        payload('what time'),
      );
      gateway.receives(
        ethernet({ source: director.client.mac, destination: gateway.mac }),
        ip({ source: server.address, destination: FAR, ttl: 63, id: 0x1234, totalLength: 37 }),
        udp({ sourcePort: 123, destinationPort: 123, length: 17 }),
        payload('what time'),
      );
    },
  },
  {
    id: 'stack/service-on-foreign-address',
    title: "A service on an address that is not the director's does not catch what passes",
    requirement:
      'A packet to a virtual address that the director does not have is routed to where that address is, and makes no connection.',
    source: ['ip_vs_core.c:ip_vs_ops4', 'ipvs-cases A47'],
    level: 'ipvs',
    tags: ['route'],
    needs: ['connections'],
    rules: rules.replaceAll('10.0.0.100', '172.30.0.1'),
    async script(lab) {
      const { client, director, gateway } = lab;
      await client.sends(
        ethernet({ destination: director.client.mac }),
        ip({ destination: '172.30.0.1' }),
        tcp({ ...ports, flags: 'S' }),
      );
      gateway.receives(
        ip({ source: client.address, destination: '172.30.0.1', ttl: 63, totalLength: 40 }),
        tcp({ ...ports, flags: 'S' }),
      );
      lab.equal('connections', (await lab.connections()).length, 0);
    },
  },
  {
    id: 'stack/routed-record-route',
    title: "A routed packet records the director's address on the wire it leaves by",
    requirement: 'A router puts the address that it sends from into the next slot of a record route option.',
    source: ['ip_options.c:ip_forward_options', 'RFC 1812 §5.3.13.5'],
    level: 'ipvs',
    tags: ['route', 'options'],
    needs: [],
    rules,
    async script({ client, servers: [server] }) {
      await client.sends(
        ip({ destination: server.address, options: '070b04000000000000000000' }),
        udp({ sourcePort: 5000, destinationPort: 5000 }),
      );
      server.receives(ip({ options: '070b08c0a801010000000000', ttl: 63 }), udp());
    },
  },
  {
    id: 'stack/no-route',
    title: 'A packet to a network without route is answered by destination unreachable',
    requirement:
      'A router that has no route answers network unreachable, or host unreachable, with its address on that wire.',
    source: ['RFC 1812 §4.3.3.1, §4.3.2.4, §5.2.7.1'],
    level: 'core',
    tags: ['route', 'icmp'],
    needs: [],
    environment: { routes: [] },
    rules,
    async script({ client, director, servers: [server] }) {
      await client.sends(ip({ destination: '172.30.0.1' }), tcp({ ...ports, flags: 'S' }));
      client.receives(
        ip({ source: director.client.address, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: { oneOf: [0, 1] }, rest: 0 }),
        ip({ source: client.address, destination: '172.30.0.1', id: 0x1234, totalLength: 40 }),
        tcp({ ...ports, sequence: 1000 }),
      );
      await client.sends(ip({ destination: server.address }), tcp({ ...ports, flags: 'S' }));
      server.receives(ip({ source: client.address, destination: server.address }), tcp(ports));
    },
  },
  {
    id: 'stack/no-route-code',
    title: 'Without a route it is the network that is unreachable',
    requirement: 'The error is 3/0 with precedence internetwork control and quotes the TTL as it came.',
    source: ['route.c:ip_error'],
    level: 'ipvs',
    tags: ['route', 'icmp'],
    needs: [],
    environment: { routes: [] },
    rules,
    async script({ client, director }) {
      await client.sends(ip({ destination: '172.30.0.1', tos: 0x1b }), tcp({ ...ports, flags: 'S' }));
      client.receives(
        ip({ source: director.client.address, tos: 0xda, totalLength: 68, ttl: 64 }),
        icmp({ type: 3, code: 0, rest: 0 }),
        ip({ ttl: 64, tos: 0x1b }),
      );
    },
  },
  {
    id: 'stack/routed-time-exceeded',
    title: 'A routed packet whose time is over is answered by time exceeded',
    requirement:
      "A router must not forward a packet with TTL 1; the error comes from its address on the sender's wire.",
    source: ['RFC 1812 §5.3.1, §4.3.3.4, §4.3.2.4'],
    level: 'core',
    tags: ['route', 'ttl', 'icmp'],
    needs: [],
    rules,
    async script({ client, director, servers: [server] }) {
      await client.sends(ip({ destination: server.address, ttl: 1 }), tcp({ ...ports, flags: 'S' }));
      client.receives(
        ip({ source: director.client.address, destination: client.address, protocol: 1 }),
        icmp({ type: 11, code: 0, rest: 0 }),
        ip({ source: client.address, destination: server.address, ttl: { oneOf: [1, 0] }, id: 0x1234 }),
        tcp({ ...ports, sequence: 1000 }),
      );
      await client.sends(ip({ destination: server.address, ttl: 2 }), tcp({ ...ports, flags: 'S' }));
      server.receives(ip({ ttl: 1 }), tcp(ports));
    },
  },
  {
    id: 'stack/routed-too-large',
    title: 'A routed packet that is too large is answered by the next-hop MTU',
    requirement: 'A packet with DF that the next wire does not take is not forwarded; the sender hears what it takes.',
    source: ['RFC 1191 §4', 'RFC 1812 §5.2.7.1'],
    level: 'core',
    tags: ['route', 'mtu', 'icmp'],
    needs: [],
    rules,
    async script({ client, director, servers: [server] }) {
      const datagram = (length: number) =>
        [udp({ sourcePort: 5000, destinationPort: 5000 }), payload(everyByte(length - 28))] as const;
      await client.sends(ip({ destination: server.address }), ...datagram(1501));
      client.receives(
        ip({ source: director.client.address, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: 4, rest: 1500 }),
        ip({ source: client.address, destination: server.address, totalLength: 1501 }),
        udp({ sourcePort: 5000 }),
      );
      await client.sends(ip({ destination: server.address }), ...datagram(1500));
      server.receives(ip({ totalLength: 1500, ttl: 63 }), ...datagram(1500));
    },
  },
  ...[
    { name: 'limited-broadcast', destination: '255.255.255.255', source: 'RFC 1812 §5.3.5.1' },
    { name: 'directed-broadcast', destination: '192.168.1.255', source: 'RFC 2644' },
    { name: 'multicast', destination: '224.0.0.1', source: 'RFC 1112 §6.4' },
    { name: 'loopback', destination: '127.0.0.1', source: 'RFC 1812 §5.3.7' },
  ].map(({ name, destination, source }): Case => ({
    id: `stack/not-routed-${name}`,
    title: `A packet to ${destination} is not routed`,
    requirement: `Broadcasts, link-local multicasts and loopback addresses stay where they are: ${destination} reaches no other wire.`,
    source: [source, 'RFC 1812 §5.3.5'],
    level: 'core',
    tags: ['route', 'martian'],
    needs: [],
    rules,
    async script(lab) {
      const {
        client,
        director,
        servers: [server],
      } = lab;
      await client.sends(
        ethernet({ destination: director.client.mac }),
        ip({ destination }),
        udp({ sourcePort: 5000, destinationPort: 5000 }),
        payload('everybody'),
      );
      lab.nothingElse();
      server.receivesNoArp(arp({ targetAddress: destination }));
      await client.sends(ip({ destination: server.address }), udp({ sourcePort: 5000, destinationPort: 5000 }));
      server.receives(ip({ destination: server.address, ttl: 63 }), udp());
    },
  })),
  {
    id: 'stack/response-of-half-seen-method',
    title: 'A server that answers through the director under VS/DR or VS/TUN is not heard',
    requirement:
      "A response with the virtual address as its source must go past the director: arriving there it comes from one of the director's own addresses, and is dropped.",
    source: ['fib_frontend.c:fib_validate_source', 'paper P25, P32'],
    level: 'ipvs',
    tags: ['tunnel', 'direct-route', 'martian'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -g -w 1
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.11:81 -i -w 1
    `,
    async script(lab) {
      const { client, vip } = lab;
      for (const [virtualPort, method] of [
        [80, 'direct-route'],
        [81, 'tunnel'],
      ] as const) {
        const flow = lab.flow({ virtualPort, method });
        await flow.clientSends('S');
        await flow.server.sends(
          ip({ source: vip, destination: client.address }),
          tcp({ sourcePort: virtualPort, destinationPort: 40001, sequence: 5000, acknowledgement: 1001, flags: 'AS' }),
        );
        lab.nothingElse();
        await flow.clientSends('A');
      }
    },
  },
];
