import { describe, expect, test } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { ethernet, icmp, ip, payload, tcp, type Layer } from '../../reference/wire/layer.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { compareForwarding } from './compare-forwarding.ts';
import { reply, request, type Contents, type Conversation } from './testing/journey.ts';
import { macAt, seenIn, type Sighting } from './testing/seen.ts';

const segment =
  (flags: string, sequence: number, data = ''): Contents =>
  (sourcePort, destinationPort) => [
    tcp({ sourcePort, destinationPort, flags, sequence }),
    ...(data === '' ? [] : [payload(data)]),
  ];
const control = { clientPort: 40000, virtualPort: 21 };

interface Chosen {
  /** First number of the client. */
  readonly initial?: number;
  readonly segments?: number;
}

function begun(who: Conversation, { initial = 1, segments = 2 }: Chosen = {}): Sighting[] {
  return [
    ...request(vsNat, who, segment('S', initial)),
    ...reply(vsNat, who, segment('AS', 7)),
    ...Array.from({ length: segments }, (_, index) =>
      request(vsNat, who, segment('A', initial + 1 + index, 'x')),
    ).flat(),
  ];
}

function ended(who: Conversation, initial = 1): Sighting[] {
  return [...request(vsNat, who, segment('AF', initial + 9)), ...reply(vsNat, who, segment('AF', 8))];
}

const whole = (who: Conversation, chosen: Chosen = {}): Sighting[] => [
  ...begun(who, chosen),
  ...ended(who, chosen.initial),
];
const to = (server: string, clientPort: number): Conversation => ({ server, clientPort, virtualPort: 80 });

function compared(left: readonly Sighting[], right: readonly Sighting[], space?: bigint) {
  const spaced = (sightings: readonly Sighting[]): Capture => {
    const capture = seenIn(vsNat, sightings);
    if (space === undefined) return capture;
    return { ...capture, frames: capture.frames.map((frame, index) => ({ ...frame, timeNs: BigInt(index) * space })) };
  };
  return compareForwarding(spaced(left), spaced(right), vsNat, { labels: ['one', 'other'] });
}

/** What the director sent, altered. */
function altered(sightings: readonly Sighting[], alter: (layer: Layer) => Layer): Sighting[] {
  return sightings.map(([place, direction, layers]) =>
    place === 'director/eth1' && direction === 'out'
      ? [place, direction, layers.map(alter)]
      : [place, direction, layers],
  );
}

describe('two runs of a case', () => {
  test('agree whatever ports and numbers the ends chose, and how many segments they made of the data', () => {
    const { firstDifference, lines } = compared(
      [...whole(to('server1', 40001)), ...whole(to('server2', 40002))],
      [...whole(to('server1', 50001), { initial: 4_000_000_000 }), ...whole(to('server2', 50007), { segments: 9 })],
    );
    expect(firstDifference).toBeNull();
    expect(lines).toEqual([
      'tcp client1 > VIP:80 (IPv4): 2 flows',
      '  from the client: ethernet.destination → its server, ip.ttl -1, ip.destination VIP → its server',
      '  from the server: ethernet.destination → router, ip.ttl -1, ip.source its server → VIP',
      '  to server1, server2 on both',
    ]);
  });

  test('differ where another server took a flow', () => {
    const left = [...whole(to('server1', 40001)), ...whole(to('server2', 40002))];
    const right = [...whole(to('server1', 40001)), ...whole(to('server3', 40002))];
    const { firstDifference, lines } = compared(left, right);
    const first = whole(to('server1', 40001)).length;
    expect(firstDifference).toEqual({
      frame: first,
      left: first,
      right: first,
      expected: 'to server2',
      observed: 'to server3',
    });
    expect(lines.at(-1)).toBe('tcp client1 > VIP:80 (IPv4), flow 2: to: server2 against server3');
  });

  test('differ where the director changed a field otherwise: named with its place in the frame', () => {
    const left = whole(to('server1', 40001));
    const right = altered(left, (layer) => (layer.kind === 'ip' ? { ...layer, ttl: 63 } : layer));
    // RFC 791 §3.1: TTL is byte 8 of the header, behind 14 of Ethernet.
    expect(compared(left, right).firstDifference).toEqual({
      frame: 4,
      left: 4,
      right: 4,
      layer: '1 ip',
      field: 'ttl',
      offset: 22,
      expected: 'ip.ttl -1',
      observed: 'unchanged',
    });
  });

  test('differ where some packets only were treated otherwise', () => {
    const left = whole(to('server1', 40001));
    const right = altered(left, (layer) =>
      layer.kind === 'tcp' && layer.flags === 'AF' ? { ...layer, checksum: 1 } : layer,
    );
    const { firstDifference } = compared(left, right);
    expect(firstDifference).toMatchObject({ left: null, expected: 'no such packet' });
    expect(firstDifference?.observed).toContain('tcp.checksum wrong');
  });

  test('differ where one director said something by itself', () => {
    const left = begun(to('server1', 40001));
    const right: Sighting[] = [
      ...left,
      [
        'director/eth0',
        'out',
        [
          ethernet({ source: macAt(vsNat, 'director/eth0'), destination: macAt(vsNat, 'router/eth1') }),
          ip({ source: '10.2.0.100', destination: '10.1.0.11' }),
          icmp({ type: 3, code: 3 }),
          ...(left[3]?.[2].slice(1) ?? []),
        ],
      ],
    ];
    expect(compared(left, right).firstDifference).toMatchObject({
      expected: 'the director nothing of its own',
      observed: 'the director icmp 3/3 port unreachable of its own to client1',
    });
  });

  test('differ where one has a flow that the other has not', () => {
    const { firstDifference } = compared(
      [...whole(to('server1', 40001)), ...whole({ clientPort: 40002, virtualPort: 443 })],
      whole(to('server1', 1)),
    );
    expect(firstDifference).toMatchObject({ right: null, observed: 'no such flow' });
    expect(firstDifference?.expected).toContain('tcp client1 > VIP:443 (IPv4): ');
  });
});

describe('what is chance is no difference', () => {
  test('which of several flows that began at once went where', () => {
    const many = (...servers: readonly string[]): Sighting[] => {
      const all = servers.map((server, index) => to(server, 40001 + index));
      return [...all.flatMap((who) => begun(who)), ...all.flatMap((who) => ended(who))];
    };
    const { firstDifference, lines } = compared(
      many('server1', 'server2', 'server3'),
      many('server2', 'server1', 'server3'),
    );
    expect(firstDifference).toBeNull();
    expect(lines.join('\n')).toContain('which server was right is not decidable for 2 flows');
  });

  test('but it is one where each began when the order was clear', () => {
    const many = (...servers: readonly string[]): Sighting[] => {
      const all = servers.map((server, index) => to(server, 40001 + index));
      return [...all.flatMap((who) => begun(who)), ...all.flatMap((who) => ended(who))];
    };
    // With frames 20 ms apart each begins while the one before is open, but long after its beginning.
    const { firstDifference } = compared(many('server1', 'server2'), many('server2', 'server1'), 20_000_000n);
    expect(firstDifference).toMatchObject({ expected: 'to server1', observed: 'to server2' });
  });

  test('which server took a flow after loads that chance had made different', () => {
    const left = [
      ...begun(to('server1', 1)),
      ...begun(to('server2', 2)),
      ...ended(to('server1', 1)),
      ...ended(to('server2', 2)),
    ];
    const right = [
      ...begun(to('server1', 1)),
      ...begun(to('server1', 2)),
      ...ended(to('server1', 1)),
      ...ended(to('server1', 2)),
    ];
    const { firstDifference } = compared([...left, ...whole(to('server3', 3))], [...right, ...whole(to('server2', 3))]);
    expect(firstDifference).toBeNull();
  });

  test('how often a client tries the same again', () => {
    const { firstDifference, lines } = compared(
      [...whole(to('server1', 40001)), ...whole(to('server2', 40002))],
      whole(to('server1', 40001)),
    );
    expect(firstDifference).toBeNull();
    expect(lines[0]).toBe('tcp client1 > VIP:80 (IPv4): 2 flows on one, 1 on other');
  });
});

describe('data connections of FTP', () => {
  const announced = (port: number, clientPort: number): Sighting[] => {
    const told = `${port >> 8},${port & 255}`;
    return [
      ...begun(control),
      ...reply(vsNat, control, segment('AP', 8, `227 Entering Passive Mode (10,3,0,11,${told}).\r\n`)).map(
        ([place, direction, layers], index): Sighting =>
          index < 2
            ? [place, direction, layers]
            : [
                place,
                direction,
                [
                  ...layers.slice(0, 2),
                  ...segment('AP', 8, `227 Entering Passive Mode (10,2,0,100,${told}).\r\n`)(21, 40000),
                ],
              ],
      ),
      ...whole({ clientPort, virtualPort: port }),
    ];
  };

  test('are paired whatever the port that the server announced, and go where their control connection goes', () => {
    const { firstDifference, lines } = compared(announced(40000, 40002), announced(52345, 60001));
    expect(firstDifference).toBeNull();
    expect(lines).toContain('tcp client1 > VIP:data port (IPv4): 1 flow');
    expect(lines).toContain('  to as its control connection on both');
  });

  test('differ where one goes to another server than its control connection', () => {
    const strayed = [
      ...announced(40000, 40002).slice(0, begun(control).length + 6),
      ...whole({ server: 'server2', clientPort: 40002, virtualPort: 40000 }),
    ];
    expect(compared(announced(40000, 40002), strayed).firstDifference).toMatchObject({
      expected: 'to as its control connection',
      observed: 'to server2, where no control connection went',
    });
  });
});
