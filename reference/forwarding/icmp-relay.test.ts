import { describe, expect, test } from 'vitest';
import { PROFILES } from '../profile.ts';
import { CLIENT, DirectorLab, SERVER_SIDE, SERVERS, VIP, type Sent } from '../testing/director-lab.ts';
import { wrongChecksums } from '../testing/packets.ts';
import { icmp, ip, payload, tcp, udp, type IcmpFields, type IpFields, type Layer } from '../wire/layer.ts';

const [RS1, RS2] = SERVERS;

const rulesOf = (option: string, port = 53): string[] => [
  '-A -u 10.0.0.100:53 -s rr',
  `-a -u 10.0.0.100:53 -r 192.168.1.11:${port} ${option}`,
];
const layersOf = (sent: readonly Sent[]): (readonly Layer[])[] => sent.map(({ layers }) => layers);
const rightChecksums = (sent: readonly Sent[]) =>
  sent.every(({ frame }) => wrongChecksums(frame.subarray(14)).length === 0);

/** A UDP connection from the client's port 5000 to port 53 of the virtual address. */
function connected(option: string, port = 53): DirectorLab {
  const lab = new DirectorLab({ rules: rulesOf(option, port) });
  lab.fromClient(
    ip({ source: CLIENT, destination: VIP, df: false }),
    udp({ sourcePort: 5000, destinationPort: 53, checksum: 0 }),
    payload('xxxxxxxxxx'),
  );
  return lab;
}

/** What the client sent, as the server got it, with the checksum that the director gave it (ipvs-cases A23). */
const requestAtServer = [
  ip({ source: CLIENT, destination: RS1, ttl: 63, df: false, totalLength: 38 }),
  udp({ sourcePort: 5000, destinationPort: 5353, length: 18, checksum: 0xb149 }),
];
/** A response as the client got it. */
const responseAtClient = [
  ip({ source: VIP, destination: CLIENT, ttl: 50 }),
  udp({ sourcePort: 53, destinationPort: 5000 }),
];

describe('under VS/NAT an error from the servers’ side', () => {
  const error = (fields: IcmpFields, quote: readonly Layer[] = requestAtServer, from: string = RS1) =>
    connected('-m', 5353).fromServers(ip({ source: from, destination: CLIENT }), icmp(fields), ...quote);

  test('comes to the client from the virtual address and quotes what he sent (ipvs-cases F01)', () => {
    const sent = error({ type: 3, code: 3 });
    expect(layersOf(sent)).toMatchObject([
      [
        {},
        { source: VIP, destination: CLIENT, ttl: 63 },
        { type: 3, code: 3, checksum: 0x37e4 },
        { source: CLIENT, destination: VIP, ttl: 63 },
        // The transport checksum that it quotes is left as it was, stale.
        { sourcePort: 5000, destinationPort: 53, checksum: 0xb149 },
      ],
    ]);
    expect(rightChecksums(sent)).toBe(true);
  });

  test.each([
    [11, 0],
    [4, 0],
    [3, 4],
  ])('of type %i code %i too, also from a router on the way (ipvs-cases F05)', (type, code) => {
    expect(layersOf(error({ type, code }, requestAtServer, '192.168.1.200'))).toMatchObject([
      [{}, { source: VIP }, { type, code }, { destination: VIP }, { destinationPort: 53 }],
    ]);
  });

  test.each([
    ['a redirect', { type: 5 }],
    ['a parameter problem', { type: 12 }],
  ])('that is %s is routed as it is (ipvs-cases F04)', (_what, fields) => {
    expect(layersOf(error(fields))).toMatchObject([
      [{}, { source: RS1, destination: CLIENT }, fields, { destination: RS1 }, { destinationPort: 5353 }],
    ]);
  });

  test('about nothing that is known is routed as it is (ipvs-cases F07)', () => {
    const unknown = [ip({ source: CLIENT, destination: RS1 }), udp({ sourcePort: 5001, destinationPort: 5353 })];
    expect(layersOf(error({ type: 3, code: 3 }, unknown))).toMatchObject([
      [{}, { source: RS1 }, {}, { destination: RS1 }, {}],
    ]);
  });

  test('that is no whole message is dropped, though it could be routed (ip_vs_core.c:ip_vs_out_icmp)', () => {
    const lab = connected('-m');
    const send = (length: number) =>
      lab.fromServers(ip({ source: RS1, destination: CLIENT, protocol: 1 }), payload(new Uint8Array(length)));
    expect([send(7), send(8)].map((sent) => sent.length)).toEqual([0, 1]);
  });

  test('with a wrong checksum is dropped', () => {
    expect(error({ type: 3, code: 3, checksum: 0x1234 })).toEqual([]);
  });

  test('with less than the ports in its quote is routed as it is', () => {
    const [header = ip()] = requestAtServer;
    expect(layersOf(error({ type: 3, code: 3 }, [header, payload(Uint8Array.of(0x13, 0x88, 0x14))]))).toMatchObject([
      [{}, { source: RS1 }, {}, {}, {}],
    ]);
  });
});

describe('an error from the clients’ side', () => {
  const error = (lab: DirectorLab, fields: IcmpFields, from: IpFields = {}) =>
    lab.fromClient(ip({ source: CLIENT, destination: VIP, ...from }), icmp(fields), ...responseAtClient);

  test('under VS/NAT quotes to the server what he sent (ipvs-cases F08, F09)', () => {
    const sent = error(connected('-m', 5353), { type: 3, code: 4, rest: 1400 }, { source: '10.9.9.9' });
    expect(sent.map(({ port }) => port)).toEqual([SERVER_SIDE]);
    expect(layersOf(sent)).toMatchObject([
      [
        {},
        { source: '10.9.9.9', destination: RS1, ttl: 63 },
        { type: 3, code: 4, rest: 1400 },
        { source: RS1, destination: CLIENT, ttl: 50 },
        { sourcePort: 5353, destinationPort: 5000 },
      ],
    ]);
    expect(rightChecksums(sent)).toBe(true);
  });

  test('under VS/DR goes to the server as it is (ipvs-cases F13)', () => {
    expect(layersOf(error(connected('-g'), { type: 3, code: 4 }))).toMatchObject([
      [{}, { destination: VIP, ttl: 63 }, {}, { source: VIP }, { sourcePort: 53 }],
    ]);
  });

  test('under VS/TUN travels in the tunnel (ipvs-cases F15)', () => {
    expect(layersOf(error(connected('-i'), { type: 3, code: 4 }))).toMatchObject([
      [
        {},
        { source: '192.168.1.1', destination: RS1, id: 0, df: true, ttl: 63 },
        { destination: VIP, ttl: 63 },
        {},
        { source: VIP },
        {},
      ],
    ]);
  });

  test.each(['-m', '-g', '-i'])('with a wrong checksum is dropped (%s; ipvs-cases F11, F14)', (option) => {
    expect(error(connected(option), { type: 3, code: 4, checksum: 1 })).toEqual([]);
  });

  test('with TTL 1 is dropped, and nobody hears of it: it is an error itself', () => {
    expect(error(connected('-m'), { type: 3, code: 4 }, { ttl: 1 })).toEqual([]);
  });

  test('renews no lease, in either direction (ipvs-cases C29)', () => {
    const lab = connected('-m', 5353);
    lab.advance(3);
    error(lab, { type: 3, code: 4 });
    lab.fromServers(ip({ source: RS1, destination: CLIENT }), icmp({ type: 3 }), ...requestAtServer);
    expect(lab.states()).toEqual(['UDP/297']);
  });

  test('for no connection is the director’s own affair (ipvs-cases F16)', () => {
    expect(error(new DirectorLab({ rules: rulesOf('-m') }), { type: 3, code: 4 })).toEqual([]);
  });

  test('schedule_icmp: makes a connection that waits three seconds (ipvs-cases F17)', () => {
    const lab = new DirectorLab({
      rules: rulesOf('-m', 5353).map((rule) => rule.replaceAll('-u', '-t')),
      environment: { sysctls: { 'vs.schedule_icmp': '1' } },
    });
    const quote = (destinationPort: number) => [
      ip({ source: VIP, destination: CLIENT }),
      tcp({ sourcePort: 53, destinationPort, flags: 'A' }),
    ];
    const sent = lab.fromClient(ip({ source: CLIENT, destination: VIP }), icmp({ type: 3, code: 4 }), ...quote(40001));
    expect(layersOf(sent)).toMatchObject([[{}, { destination: RS1 }, {}, { source: RS1 }, { sourcePort: 5353 }]]);
    expect(lab.states()).toEqual(['NONE/3']);
    // FTP's data port is never scheduled (ip_vs_core.c:ip_vs_schedule).
    expect(lab.fromClient(ip({ source: CLIENT, destination: VIP }), icmp({ type: 3, code: 4 }), ...quote(20))).toEqual(
      [],
    );
  });
});

describe('an error about a tunnel', () => {
  const inner = (df = true) => [
    ip({ source: CLIENT, destination: VIP, ttl: 63, df }),
    udp({ sourcePort: 5000, destinationPort: 53 }),
  ];
  const error = (lab: DirectorLab, fields: IcmpFields, quote: readonly Layer[] = inner(), outer: IpFields = {}) =>
    lab.fromServers(
      ip({ source: '192.168.1.200', destination: '192.168.1.1' }),
      icmp(fields),
      ip({ source: '192.168.1.1', destination: RS1, protocol: 4, ...outer }),
      ...quote,
    );
  const toClient = (type: number, code: number, rest = 0) => [
    [
      {},
      { source: VIP, destination: CLIENT },
      { type, code, rest },
      { source: CLIENT, destination: VIP, ttl: 63 },
      { destinationPort: 53 },
    ],
  ];

  test.each([
    [3, 1],
    [11, 0],
    [4, 0],
  ])('reaches the client as one about his packet: %i/%i (ipvs-cases F19, F22)', (type, code) => {
    expect(layersOf(error(connected('-i'), { type, code }))).toMatchObject(toClient(type, code));
  });

  test('says by RFC 2003 §4, in profile paper, that the host is unreachable', () => {
    const lab = new DirectorLab({ rules: rulesOf('-i'), profile: PROFILES.paper });
    lab.fromClient(ip({ source: CLIENT, destination: VIP }), udp({ sourcePort: 5000, destinationPort: 53 }));
    expect(layersOf(error(lab, { type: 3, code: 0 }))).toMatchObject(toClient(3, 1));
    expect(error(lab, { type: 4, code: 0 })).toEqual([]);
  });

  test.each([
    ['28 bytes of quote hold no inner header (ipvs-cases F20)', { type: 3, code: 1 }, [payload(new Uint8Array(8))], {}],
    ['a later fragment of the tunnel holds none either', { type: 3, code: 1 }, inner(), { offset: 8 }],
    ['a server that is none (ipvs-cases F28)', { type: 3, code: 1 }, inner(), { destination: RS2 }],
    ['a wrong checksum (ipvs-cases F28)', { type: 3, code: 1, checksum: 1 }, inner(), {}],
    ['a parameter problem (ipvs-cases F22)', { type: 12 }, inner(), {}],
    [
      '"fragmentation needed" about a packet without DF (ipvs-cases F27)',
      { type: 3, code: 4, rest: 1400 },
      inner(false),
      {},
    ],
  ])('does not: %s', (_what, fields, quote, outer) => {
    expect(error(connected('-i'), fields, quote, outer)).toEqual([]);
  });

  test('about the MTU: the client hears the old one first, the new one after the next packet (ipvs-cases F23, F25)', () => {
    const lab = connected('-i');
    const tooBig = () => error(lab, { type: 3, code: 4, rest: 1400 });
    expect(layersOf(tooBig())).toMatchObject(toClient(3, 4, 1480));
    lab.fromClient(ip({ source: CLIENT, destination: VIP }), udp({ sourcePort: 5000, destinationPort: 53 }));
    expect(layersOf(tooBig())).toMatchObject(toClient(3, 4, 1380));
  });

  test('about the MTU: a router that reports nonsense is not believed (ipvs-cases F26)', () => {
    const lab = connected('-i');
    error(lab, { type: 3, code: 4, rest: 60 });
    lab.fromClient(ip({ source: CLIENT, destination: VIP }), udp({ sourcePort: 5000, destinationPort: 53 }));
    expect(layersOf(error(lab, { type: 3, code: 4, rest: 60 }))).toMatchObject(toClient(3, 4, 532));
  });
});
