import { describe, expect, test } from 'vitest';
import type { Environment } from '../../reference/environment.ts';
import { PROFILES } from '../../reference/profile.ts';
import { arp, ethernet, icmp, ip, payload, tcp, type Layer } from '../../reference/wire/layer.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { Topology } from '../topologies/topology.ts';
import { vsDr } from '../topologies/vs-dr.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { vsTun } from '../topologies/vs-tun.ts';
import { replayThroughReference, type Replay } from './replay-through-reference.ts';
import { reply, request, type Contents, type Conversation } from './testing/journey.ts';
import { macAt, seenIn, type Sighting } from './testing/seen.ts';

const segment =
  (flags: string, sequence: number): Contents =>
  (sourcePort, destinationPort) => [tcp({ sourcePort, destinationPort, flags, sequence })];

function connection(topology: Topology, who: Conversation): Sighting[] {
  return [
    ...request(topology, who, segment('S', 1)),
    ...reply(topology, who, segment('AS', 7)),
    ...request(topology, who, segment('A', 2)),
    ...request(topology, who, segment('AF', 2)),
    ...reply(topology, who, segment('AF', 8)),
  ];
}

function environment({ machines, virtualAddress, virtualAddress6 }: Topology): Environment {
  const director = machines.find(({ name }) => name === 'director');
  return {
    ports: (director?.interfaces ?? []).map((declaration) => ({
      name: declaration.name,
      mac: macOf(declaration),
      addresses: declaration.addresses,
      mtu: 1500,
    })),
    virtualAddresses: [virtualAddress, virtualAddress6],
    routes: [
      { destination: '0.0.0.0/0', via: '10.2.0.1' },
      { destination: '::/0', via: 'fd00:2::1' },
    ],
    neighbours: 'arp',
    sysctls: {},
  };
}

function replayed(topology: Topology, sightings: readonly Sighting[]): Replay {
  const network = { nat: '10.3.0', tunnel: '10.4.0', 'direct-route': '10.2.0' }[topology.method];
  const option = { nat: '-m', tunnel: '-i', 'direct-route': '-g' }[topology.method];
  const network6 = { nat: 'fd00:3', tunnel: 'fd00:4', 'direct-route': 'fd00:2' }[topology.method];
  const rules = ['-t 10.2.0.100:80', '-t [fd00:2::100]:80'].flatMap((service) => [
    `-A ${service} -s rr`,
    ...[1, 2].map((number) => {
      const server = service.includes('[') ? `[${network6}::1${number}]:80` : `${network}.1${number}:80`;
      return `-a ${service} -r ${server} ${option}`;
    }),
  ]);
  return replayThroughReference(seenIn(topology, sightings), {
    topology,
    environment: environment(topology),
    profile: PROFILES.linux,
    rules,
  });
}

const who = (clientPort: number, server: string, family: 4 | 6 = 4): Conversation => ({
  clientPort,
  virtualPort: 80,
  server,
  family,
});

describe('a recording that is as the papers say is what the reference sends', () => {
  test.each([
    ['vs-nat', 4, vsNat],
    ['vs-nat', 6, vsNat],
    ['vs-dr', 4, vsDr],
    ['vs-dr', 6, vsDr],
    ['vs-tun', 4, vsTun],
    ['vs-tun', 6, vsTun],
  ] as const)('%s, IPv%i, of each connection to its turn of server', (_id, family, topology) => {
    // The server that was added last stands first in the list (ip_vs_ctl.c:__ip_vs_update_dest), and round robin begins there.
    const sightings = [
      ...connection(topology, who(40001, 'server2', family)),
      ...connection(topology, who(40002, 'server1', family)),
    ];
    const { compared, differing, firstDifference, stimulus } = replayed(topology, sightings);
    expect(firstDifference).toBeNull();
    expect(differing).toBe(0);
    expect(compared).toBe(topology.method === 'nat' ? 10 : 6);
    expect(stimulus).toBe(compared);
  });
});

describe('a recorded director that did otherwise is found out', () => {
  const right = connection(vsNat, who(40001, 'server2'));

  test('where it changed a byte: named by field, with both frames', () => {
    const wrong = right.map(([place, direction, layers]): Sighting => [
      place,
      direction,
      place === 'director/eth1' && direction === 'out'
        ? layers.map((layer) => (layer.kind === 'ip' ? { ...layer, tos: 8 } : layer))
        : layers,
    ]);
    const { differing, firstDifference } = replayed(vsNat, wrong);
    expect(differing).toBe(3);
    expect(firstDifference).toMatchObject({
      right: 4,
      layer: '1 ip',
      field: 'tos',
      offset: 15,
      expected: '0x0000',
      observed: '0x0008',
    });
  });

  test('where it chose another server', () => {
    const { firstDifference } = replayed(vsNat, connection(vsNat, who(40001, 'server1')));
    expect(firstDifference).not.toBeNull();
  });

  test('where it did not forward a packet', () => {
    const { firstDifference } = replayed(
      vsNat,
      right.filter((_, index) => index < 4),
    );
    expect(firstDifference).toMatchObject({ right: null, observed: 'no frame' });
  });

  test('where it sent something of its own', () => {
    const own: Sighting = [
      'director/eth0',
      'out',
      [
        ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') }),
        ip({ source: '10.2.0.100', destination: '10.1.0.11' }),
        tcp({ sourcePort: 80, destinationPort: 40001, flags: 'R' }),
      ],
    ];
    expect(replayed(vsNat, [...right, own]).firstDifference).toMatchObject({
      left: null,
      right: right.length,
      expected: 'no frame',
    });
  });
});

describe('what a recorded director lost under load', () => {
  const conversation = who(40001, 'server2');
  const before = [
    ...request(vsNat, conversation, segment('S', 1)),
    ...reply(vsNat, conversation, segment('AS', 7)),
    ...request(vsNat, conversation, segment('A', 2)),
  ];
  const data = (id: number): Sighting[] =>
    request(vsNat, conversation, (sourcePort, destinationPort) => [
      tcp({ sourcePort, destinationPort, flags: 'AP', sequence: 2 }),
      payload('GET /'),
    ]).map(([place, direction, layers]) => [
      place,
      direction,
      layers.map((layer) => (layer.kind === 'ip' ? { ...layer, id } : layer)),
    ]);

  test('is no difference where it was sent again and came through, and is counted', () => {
    const { firstDifference, lost } = replayed(vsNat, [...before, ...data(1).slice(0, 4), ...data(2)]);
    expect(firstDifference).toBeNull();
    expect(lost).toBe(1);
  });

  test('is none of what it answered with an error: the reference answers, too', () => {
    const asked = data(1).slice(0, 4);
    const error: Sighting = [
      'director/eth0',
      'out',
      [
        ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') }),
        ip({ source: '10.2.0.100', destination: '10.1.0.11' }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ...(asked[3]?.[2].slice(1) ?? []),
      ],
    ];
    const { lost, firstDifference } = replayed(vsNat, [...before, ...asked, error, ...data(2)]);
    expect(lost).toBe(0);
    expect(firstDifference).not.toBeNull();
  });

  test('is one where it never came through', () => {
    const { firstDifference, lost } = replayed(vsNat, [...before, ...data(1).slice(0, 4), ...data(2).slice(0, 4)]);
    expect(firstDifference).toMatchObject({ right: null, observed: 'no frame' });
    expect(lost).toBe(0);
  });
});

describe('who is where on the link', () => {
  const question: readonly Layer[] = [
    ethernet({ source: macAt(vsNat, 'director/eth1'), destination: 'ff:ff:ff:ff:ff:ff' }),
    arp({
      operation: 1,
      senderAddress: '10.3.0.1',
      senderMac: macAt(vsNat, 'director/eth1'),
      targetAddress: '10.3.0.12',
    }),
  ];

  test('may be asked by either director when it likes', () => {
    const sightings: Sighting[] = [
      ...connection(vsNat, who(40001, 'server2')),
      ['director/eth1', 'out', question],
      [
        'director/eth1',
        'in',
        [
          ethernet({ source: macAt(vsNat, 'server2/eth0'), destination: macAt(vsNat, 'director/eth1') }),
          arp({ operation: 2, senderAddress: '10.3.0.12', senderMac: macAt(vsNat, 'server2/eth0') }),
        ],
      ],
    ];
    expect(replayed(vsNat, sightings).firstDifference).toBeNull();
  });

  test('who did not answer the recorded director does not answer the reference', () => {
    const sightings: Sighting[] = [
      ...request(vsNat, who(40001, 'server2'), segment('S', 1)).slice(0, 4),
      ['director/eth1', 'out', question],
    ];
    expect(replayed(vsNat, sightings).firstDifference).toBeNull();
  });
});
