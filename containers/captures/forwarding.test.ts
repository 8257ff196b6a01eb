import { describe, expect, test } from 'vitest';
import { ethernet, fragment, icmp, ip, ip6, payload, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { vsDr } from '../topologies/vs-dr.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { vsTun } from '../topologies/vs-tun.ts';
import type { Topology } from '../topologies/topology.ts';
import { forwardingOf, type FlowForwarding } from './forwarding.ts';
import { reply, request, type Contents } from './testing/journey.ts';
import { macAt, seenIn, type Sighting } from './testing/seen.ts';

const who = { clientPort: 40001, virtualPort: 80, serverPort: 8080 };
const segment =
  (flags: string, fields: { sequence?: number; acknowledgement?: number; data?: string } = {}): Contents =>
  (sourcePort, destinationPort) => [
    tcp({
      sourcePort,
      destinationPort,
      flags,
      sequence: fields.sequence ?? 1,
      acknowledgement: fields.acknowledgement ?? 0,
    }),
    ...(fields.data === undefined ? [] : [payload(fields.data)]),
  ];

function only(topology: Topology, sightings: readonly Sighting[]): FlowForwarding {
  const [forwarding, ...others] = forwardingOf(seenIn(topology, sightings), topology);
  expect(others).toEqual([]);
  if (forwarding === undefined) throw new RangeError('no flow at the director');
  return forwarding;
}

const ways = ({ ways: all }: FlowForwarding): string[] =>
  all.map(({ side, text, packets }) => `${side} ${packets} × ${text}`);

/** The frames of a request at the director with other layers in the one that goes out. */
function altered(topology: Topology, sightings: readonly Sighting[], alter: (layer: Layer) => Layer): Sighting[] {
  expect(topology.machines.some(({ name }) => name === 'director')).toBe(true);
  return sightings.map(([place, direction, layers]) =>
    place.startsWith('director') && direction === 'out'
      ? [place, direction, layers.map(alter)]
      : [place, direction, layers],
  );
}

describe('how the director forwarded is told field by field', () => {
  test('VS/NAT rewrites address and port both ways', () => {
    const sightings = [
      ...request(vsNat, who, segment('S')),
      ...reply(vsNat, who, segment('AS')),
      ...request(vsNat, who, segment('A')),
      ...request(vsNat, who, segment('AP', { data: 'GET / HTTP/1.1\r\n\r\n' })),
    ];
    expect(ways(only(vsNat, sightings))).toEqual([
      'client 3 × ethernet.destination → server1, ip.ttl -1, ip.destination VIP → server1, tcp.destinationPort 80 → 8080',
      'server 1 × ethernet.destination → router, ip.ttl -1, ip.source server1 → VIP, tcp.sourcePort 8080 → 80',
    ]);
  });

  test('VS/DR changes nothing but to whom the frame goes; the way back does not pass the director', () => {
    const sightings = [...request(vsDr, who, segment('S')), ...reply(vsDr, who, segment('AS'))];
    expect(ways(only(vsDr, sightings))).toEqual(['client 1 × ethernet.destination → server1, ip.ttl -1']);
  });

  test('VS/TUN wraps what came', () => {
    expect(ways(only(vsTun, request(vsTun, who, segment('S'))))).toEqual([
      'client 1 × wrapped in ip (tos as inside, df true, mf false, ttl 62, protocol 4, source director, destination server1), ' +
        'ethernet.destination → router, ip.ttl -1',
    ]);
  });

  test('IPv6 is told alike', () => {
    expect(ways(only(vsNat, request(vsNat, { ...who, family: 6 }, segment('S'))))).toEqual([
      'client 1 × ethernet.destination → server1, ip6.hopLimit -1, ip6.destination VIP → server1, tcp.destinationPort 80 → 8080',
    ]);
  });

  test.each<readonly [string, (layer: Layer) => Layer, string]>([
    ['a TOS', (layer) => (layer.kind === 'ip' ? { ...layer, tos: 8 } : layer), 'ip.tos 0 → 8'],
    ['DF', (layer) => (layer.kind === 'ip' ? { ...layer, df: false } : layer), 'ip.df true → false'],
    ['an IP id', (layer) => (layer.kind === 'ip' ? { ...layer, id: 7 } : layer), 'ip.id 4660 → 7'],
    ['a checksum of TCP', (layer) => (layer.kind === 'tcp' ? { ...layer, checksum: 7 } : layer), 'tcp.checksum wrong'],
    ['a checksum of IP', (layer) => (layer.kind === 'ip' ? { ...layer, checksum: 7 } : layer), 'ip.checksum wrong'],
    [
      'a foreign sender',
      (layer) => (layer.kind === 'ethernet' ? { ...layer, source: macAt(vsNat, 'router/eth1') } : layer),
      'ethernet.source → router',
    ],
  ])('%s that it changed is named', (_what, alter, text) => {
    const [way] = ways(only(vsNat, altered(vsNat, request(vsNat, who, segment('S')), alter)));
    expect(way).toContain(text);
  });

  test('two ways within a flow are two, each with its first frames', () => {
    const sightings = [
      ...request(vsNat, who, segment('S')),
      ...request(vsNat, { ...who, server: 'server2' }, segment('A')),
    ];
    const forwarding = only(vsNat, sightings);
    expect(forwarding.ways.map(({ before, after }) => [before, after])).toEqual([
      [3, 4],
      [9, 10],
    ]);
    expect(forwarding.flow.servers).toEqual(['server1', 'server2']);
  });
});

describe('what was not forwarded is told', () => {
  const asked = request(vsNat, who, segment('S')).filter(
    ([place]) => place !== 'director/eth1' && place !== 'server1/eth0',
  );

  test('a packet that went in and never out', () => {
    const { ways: none, kept } = only(vsNat, asked);
    expect(none).toEqual([]);
    expect(kept).toEqual([{ text: 'from the client, not forwarded', packets: 1, frame: 3 }]);
  });

  test('an ICMP error and a reset of the director itself', () => {
    const to = ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') });
    const back = ip({ source: '10.2.0.100', destination: '10.1.0.11' });
    const question = asked[3]?.[2].slice(1) ?? [];
    const sightings: Sighting[] = [
      ...asked,
      ['director/eth0', 'out', [to, back, icmp({ type: 3, code: 3 }), ...question]],
      ['director/eth0', 'out', [to, back, tcp({ sourcePort: 80, destinationPort: 40001, flags: 'AR' })]],
    ];
    expect(only(vsNat, sightings).own.map(({ text }) => text)).toEqual([
      'icmp 3/3 port unreachable of its own to client1',
      'tcp AR of its own to client1, as if from the server',
    ]);
  });

  test('a segment that was lost and sent again is matched with its own copy behind the director', () => {
    const data = (id: number): Sighting[] =>
      request(vsNat, who, segment('AP', { data: 'GET /' })).map(([place, direction, layers]) => [
        place,
        direction,
        layers.map((layer) => (layer.kind === 'ip' ? { ...layer, id } : layer)),
      ]);
    const { ways: found, kept, own } = only(vsNat, [...data(1).slice(0, 4), ...data(2)]);
    expect(found.map(({ text }) => text.includes('ip.id'))).toEqual([false]);
    expect([kept.length, own.length]).toEqual([1, 0]);
  });

  test('a frame that the director sent twice is its own the second time', () => {
    const sightings = request(vsNat, who, segment('S'));
    const twice = sightings.flatMap((sighting): Sighting[] =>
      sighting[0] === 'director/eth1' ? [sighting, sighting] : [sighting],
    );
    expect(only(vsNat, twice).own).toHaveLength(1);
  });
});

describe('what came in one piece and left in fragments', () => {
  test('is one packet in several', () => {
    const datagram: Contents = (sourcePort, destinationPort) => [
      udp({ sourcePort, destinationPort, length: 40, checksum: 0 }),
      payload('x'.repeat(32)),
    ];
    const whole = request(vsDr, who, datagram).map(([place, direction, layers]): Sighting => [
      place,
      direction,
      layers.map((layer) => (layer.kind === 'ip' ? { ...layer, df: false } : layer)),
    ]);
    const [link, header, ...rest] = whole[4]?.[2] ?? [];
    if (link === undefined || header?.kind !== 'ip') throw new RangeError('no datagram');
    const sightings: Sighting[] = [
      ...whole.slice(0, 4),
      ['director/eth0', 'out', [link, { ...header, mf: true }, ...rest.slice(0, 1), payload('x'.repeat(16))]],
      ['director/eth0', 'out', [link, { ...header, offset: 24, protocol: 17 }, payload('x'.repeat(16))]],
    ];
    const { own, kept, ways: found } = only(vsDr, sightings);
    expect([own, kept]).toEqual([[], []]);
    expect(found.map(({ text }) => text.includes('ip.mf false → true') || text.includes('ip.offset 0 → 24'))).toEqual([
      true,
      true,
    ]);
  });
});

describe('fragments of IPv6', () => {
  test('are matched by their place in the datagram, with any id', () => {
    const link = ethernet({ source: macAt(vsNat, 'server1/eth0'), destination: macAt(vsNat, 'director/eth1') });
    const out = ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') });
    const [from, to] = [
      ip6({ source: 'fd00:3::11', destination: 'fd00:1::11' }),
      ip6({ source: 'fd00:2::100', destination: 'fd00:1::11', hopLimit: 63 }),
    ];
    const first = (id: number) => [
      fragment({ offset: 0, mf: true, id }),
      udp({ sourcePort: 53, destinationPort: 40001, length: 40, checksum: 1 }),
      payload('x'.repeat(16)),
    ];
    const second = (id: number) => [fragment({ offset: 24, mf: false, id, nextHeader: 17 }), payload('y'.repeat(16))];
    const sightings: Sighting[] = [
      ['director/eth1', 'in', [link, from, ...first(7)]],
      ['director/eth1', 'in', [link, from, ...second(7)]],
      ['director/eth0', 'out', [out, to, ...first(1)]],
      ['director/eth0', 'out', [out, to, ...second(1)]],
    ];
    const { ways: found, own, kept } = only(vsNat, sightings);
    expect([own, kept]).toEqual([[], []]);
    expect(found.map(({ text, packets }) => [text, packets])).toEqual([
      ['ethernet.destination → router, ip6.hopLimit -1, ip6.source server1 → VIP, fragment.id another', 2],
    ]);
  });
});

describe('FTP control lines', () => {
  const control = { clientPort: 40001, virtualPort: 21 };
  const said = (line: string, sequence: number, acknowledgement = 1): Contents =>
    segment('AP', { sequence, acknowledgement, data: `${line}\r\n` });
  /** The reply 227 as a director must rewrite it, and what follows, moved by `shift`. */
  const passive = (shift: number): Sighting[] => [
    ...request(vsNat, control, said('PASV', 1)),
    ...rewritten(
      reply(vsNat, control, said('227 Entering Passive Mode (10,3,0,11,156,64).', 100)),
      said('227 Entering Passive Mode (10,2,0,100,156,64).', 100),
    ),
    ...rewritten(reply(vsNat, control, said('150 Here it comes.', 147)), said('150 Here it comes.', 147 + shift)),
    // 147 is what the server sent so far by its own count, 148 by the client's.
    ...reversed(request(vsNat, control, said('QUIT', 7, 147)), said('QUIT', 7, 148)),
  ];
  /** What the director and those behind it, towards the client, see of a reply. */
  function rewritten(sightings: Sighting[], contents: Contents): Sighting[] {
    return sightings.map(([place, direction, layers], index) =>
      index < 2 ? [place, direction, layers] : [place, direction, [...layers.slice(0, 2), ...contents(21, 40001)]],
    );
  }
  /** The same of a request: what is before the director. */
  function reversed(sightings: Sighting[], contents: Contents): Sighting[] {
    return sightings.map(([place, direction, layers], index) =>
      index > 3 ? [place, direction, layers] : [place, direction, [...layers.slice(0, 2), ...contents(40001, 21)]],
    );
  }

  test('are told with names for addresses, and numbers as moved rightly', () => {
    const texts = ways(only(vsNat, passive(1)));
    expect(texts[1]).toContain("'227 Entering Passive Mode (server1,port).' → '227 Entering Passive Mode (VIP,port).'");
    expect(texts[2]).toContain('tcp.sequence moved by what was rewritten');
    expect(texts[3]).toContain('tcp.acknowledgement moved by what was rewritten');
  });

  test('and wrongly', () => {
    expect(ways(only(vsNat, passive(3)))[2]).toContain('tcp.sequence 3 where 1 was rewritten');
    expect(ways(only(vsNat, passive(0)))[2]).toContain('tcp.sequence 0 where 1 was rewritten');
  });
});
