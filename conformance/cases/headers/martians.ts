import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const BELIEVED = 'reserved-sources-believed';

/** Sources that nobody can have; `deviation` where Linux takes them for true. */
const MARTIANS: readonly {
  readonly name: string;
  readonly address: string;
  readonly of: string;
  readonly deviation?: string;
}[] = [
  { name: 'virtual', address: '10.0.0.100', of: 'the virtual address itself' },
  { name: 'own', address: '10.0.0.1', of: "the director's own address" },
  { name: 'other-wire', address: '192.168.1.1', of: "the director's address on the other wire" },
  { name: 'loopback', address: '127.0.0.1', of: 'a loopback address' },
  { name: 'unspecified', address: '0.0.0.0', of: 'the unspecified address' },
  { name: 'network-zero', address: '0.0.0.7', of: 'an address of network 0', deviation: BELIEVED },
  { name: 'multicast', address: '224.0.0.5', of: 'a multicast address' },
  { name: 'class-e', address: '240.0.0.1', of: 'an address of the reserved class E', deviation: BELIEVED },
  { name: 'limited-broadcast', address: '255.255.255.255', of: 'the limited broadcast address' },
  {
    name: 'directed-broadcast',
    address: '10.0.0.255',
    of: "the broadcast address of the clients' network",
    deviation: BELIEVED,
  },
];

const martians: readonly Case[] = MARTIANS.map(({ name, address, of, deviation }) => ({
  id: `headers/martian-${name}`,
  title: `A request from ${of} is dropped`,
  requirement: `A packet whose source address is no unicast address, or one of the director's own, is not forwarded: ${of} is such a one.`,
  source: ['RFC 1812 §4.2.2.11, §5.3.7', 'RFC 1122 §3.2.1.3', 'ipvs-cases A35'],
  level: 'core',
  tags: ['header', 'martian'],
  needs: [],
  rules,
  async script(lab) {
    const {
      client,
      servers: [server],
      vip,
    } = lab;
    const segment = { sourcePort: 40002, flags: 'S' };
    await client.sends(ip({ source: address, destination: vip }), tcp({ ...segment, destinationPort: 80 }));
    const fate = server.hasPacket ? 'forwarded' : 'dropped';
    lab.equal(
      `a request from ${address} is`,
      fate,
      'dropped',
      deviation === undefined ? undefined : { id: deviation, value: 'forwarded' },
    );
    if (fate === 'forwarded') {
      server.receives(ip({ source: address, destination: server.address, ttl: 63 }), tcp({ ...segment }));
    }
    lab.nothingElse();
    await lab.flow({ realPort: 8080 }).clientSends('S');
  },
}));

export const cases: readonly Case[] = [
  ...martians,
  {
    id: 'headers/reserved-sources',
    title: 'Requests from network 0, from class E and from a broadcast address are balanced',
    requirement:
      'Only 0.0.0.0, 255.255.255.255, loopback and multicast addresses and those of the director itself are no sources, unless reverse path filtering is on.',
    source: ['route.c:ip_route_input_slow', 'fib_frontend.c:fib_validate_source'],
    level: 'ipvs',
    tags: ['header', 'martian'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      for (const source of ['0.0.0.7', '240.0.0.1', '255.255.255.254', '10.0.0.255', '10.0.0.0', '192.168.1.255']) {
        await client.sends(
          ip({ source, destination: vip }),
          tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
        );
        server.receives(ip({ source, ttl: 63 }), tcp({ sourcePort: 40001, destinationPort: 8080 }));
      }
    },
  },
];
