import { describe, expect, test } from 'vitest';
import { ethernet, icmp, ip, payload, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { topologies } from '../topologies/index.ts';
import type { Topology } from '../topologies/topology.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { flowsOf, type Flow } from './flows.ts';
import { reply, request, type Contents } from './testing/journey.ts';
import { macAt, seenIn, type Sighting } from './testing/seen.ts';

const segment =
  (flags: string, sequence = 1000): Contents =>
  (sourcePort, destinationPort) => [tcp({ sourcePort, destinationPort, flags, sequence })];
const datagram: Contents = (sourcePort, destinationPort) => [udp({ sourcePort, destinationPort }), payload('?')];

/** A whole small connection. */
function connection(topology: Topology, who: Parameters<typeof request>[1], initial = 1000): Sighting[] {
  return [
    ...request(topology, who, segment('S', initial)),
    ...reply(topology, who, segment('AS')),
    ...request(topology, who, segment('A', initial + 1)),
    ...reply(topology, who, segment('AF')),
    ...request(topology, who, segment('AF', initial + 1)),
    ...reply(topology, who, segment('A')),
  ];
}

const told = ({ protocol, client, virtual, servers }: Flow): string =>
  `${protocol} ${client.name}:${client.port} > ${virtual.name}:${virtual.port} at ${servers.join(', ')}`;

describe('a flow is one conversation from end to end', () => {
  test.each(topologies.flatMap((topology) => [4, 6].map((family) => [topology.id, family, topology] as const)))(
    'in %s, IPv%i, it is known who took it and which way it went',
    (_, family, topology) => {
      const who = { server: 'server2', clientPort: 40001, virtualPort: 80, family: family === 4 ? 4 : 6 } as const;
      const [flow, ...others] = flowsOf(seenIn(topology, connection(topology, who)), topology);
      expect(others).toEqual([]);
      expect(flow).toMatchObject({ protocol: 'tcp', family, startedBy: 'client', servers: ['server2'] });
      expect(flow?.client).toMatchObject({ name: 'client1', port: 40001 });
      expect(flow?.virtual).toMatchObject({ name: 'VIP', port: 80 });
      const ways = {
        nat: [
          ['client1', 'router', 'director', 'server2'],
          ['server2', 'director', 'router', 'client1'],
        ],
        tunnel: [
          ['client1', 'router', 'director', 'router', 'server2'],
          ['server2', 'router', 'client1'],
        ],
        'direct-route': [
          ['client1', 'router', 'director', 'server2'],
          ['server2', 'router', 'client1'],
        ],
      };
      expect([flow?.paths.client, flow?.paths.server]).toEqual(ways[topology.method]);
    },
  );

  test('under VS/NAT the port of the real server is told beside the virtual one', () => {
    const who = { clientPort: 40001, virtualPort: 80, serverPort: 8080 };
    const [flow] = flowsOf(seenIn(vsNat, connection(vsNat, who)), vsNat);
    expect(flow?.virtual.port).toBe(80);
    expect(flow?.serverPorts).toEqual([8080]);
  });

  test('connections of two ports and of two clients are four flows, in the order of their beginning', () => {
    const sightings = ['client1', 'client2'].flatMap((client) =>
      [80, 443].flatMap((virtualPort) => connection(vsNat, { client, clientPort: 40001, virtualPort })),
    );
    expect(flowsOf(seenIn(vsNat, sightings), vsNat).map(told)).toEqual([
      'tcp client1:40001 > VIP:80 at server1',
      'tcp client1:40001 > VIP:443 at server1',
      'tcp client2:40001 > VIP:80 at server1',
      'tcp client2:40001 > VIP:443 at server1',
    ]);
  });

  test('a client port that is used again is another flow, a SYN that is sent again is not', () => {
    const who = { clientPort: 40001, virtualPort: 80 };
    const again = [...request(vsNat, who, segment('S')), ...connection(vsNat, who)];
    expect(flowsOf(seenIn(vsNat, again), vsNat)).toHaveLength(1);
    const twice = [...connection(vsNat, who), ...connection(vsNat, { ...who, server: 'server2' }, 900_000)];
    expect(flowsOf(seenIn(vsNat, twice), vsNat).map(told)).toEqual([
      'tcp client1:40001 > VIP:80 at server1',
      'tcp client1:40001 > VIP:80 at server2',
    ]);
  });

  test('several servers that took packets of a flow stand in one place of its way', () => {
    const who = { clientPort: 40001, virtualPort: 53 };
    const [flow] = flowsOf(
      seenIn(
        vsNat,
        ['server1', 'server2'].flatMap((server) => [
          ...request(vsNat, { ...who, server }, datagram),
          ...reply(vsNat, { ...who, server }, datagram),
        ]),
      ),
      vsNat,
    );
    expect(flow?.servers).toEqual(['server1', 'server2']);
    expect(flow?.paths.client).toEqual(['client1', 'router', 'director', 'server1, server2']);
    expect(flow?.paths.server).toEqual(['server1, server2', 'director', 'router', 'client1']);
  });

  test('a connection that a server opens, as of active FTP, has the client and the virtual address as its ends', () => {
    const who = { clientPort: 40002, virtualPort: 20 };
    const sightings = [...reply(vsNat, who, segment('S')), ...request(vsNat, who, segment('AS'))];
    const [flow, ...others] = flowsOf(seenIn(vsNat, sightings), vsNat);
    expect(others).toEqual([]);
    expect(flow).toMatchObject({ startedBy: 'server', servers: ['server1'], virtual: { name: 'VIP', port: 20 } });
  });

  test('datagrams between two ports are a flow', () => {
    const who = { clientPort: 40001, virtualPort: 53 };
    const sightings = [...request(vsNat, who, datagram), ...reply(vsNat, who, datagram)];
    expect(flowsOf(seenIn(vsNat, sightings), vsNat).map(told)).toEqual(['udp client1:40001 > VIP:53 at server1']);
  });

  test('an ICMP error and later fragments belong to the flow that they are about', () => {
    const to = ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') });
    const asked: readonly Layer[] = [
      ip({ source: '10.1.0.11', destination: '10.2.0.100', id: 7, df: false, mf: true }),
      udp({ sourcePort: 40001, destinationPort: 53 }),
      payload('a'.repeat(16)),
    ];
    const rest = ip({ source: '10.1.0.11', destination: '10.2.0.100', id: 7, df: false, offset: 24, protocol: 17 });
    const sightings: Sighting[] = [
      ['director/eth0', 'in', [to, rest, payload('b')]],
      ['director/eth0', 'in', [to, ...asked]],
      [
        'director/eth0',
        'out',
        [to, ip({ source: '10.2.0.100', destination: '10.1.0.11' }), icmp({ type: 3, code: 3 }), ...asked],
      ],
    ];
    const [flow, ...others] = flowsOf(seenIn(vsNat, sightings), vsNat);
    expect(others).toEqual([]);
    expect(flow?.packets.map(({ side, isError }) => [side, isError])).toEqual([
      ['client', false],
      ['client', false],
      ['server', true],
    ]);
  });
});
