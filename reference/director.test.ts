import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Director } from './director.ts';
import { MalformedInput, UnsupportedFeature } from './errors.ts';
import { PROFILES } from './profile.ts';
import {
  CLIENT,
  CLIENT_SIDE,
  DirectorLab,
  ENVIRONMENT,
  macOf,
  SERVER_SIDE,
  SERVERS,
  VIP,
  type Sent,
} from './testing/director-lab.ts';
import { layerOf, wrongChecksums } from './testing/packets.ts';
import { buildPacket } from './wire/build-packet.ts';
import { checksumErrors } from './wire/checksum-errors.ts';
import { ethernet, icmp, ip, payload, tcp, udp, type Layer } from './wire/layer.ts';

const [RS1] = SERVERS;
const NAT = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m'];
const TUNNEL = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -i'];
const DIRECT_ROUTE = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -g'];
const METHODS = { NAT, TUNNEL, DIRECT_ROUTE };

/** The only frame sent, with right checksums. */
function only(sent: readonly Sent[]): readonly Layer[] {
  expect(sent).toHaveLength(1);
  const [first] = sent;
  if (first === undefined) return [];
  expect(wrongChecksums(first.frame.subarray(14))).toEqual([]);
  return first.layers;
}

describe('VS/NAT', () => {
  test('a request gets the server’s address and port, an answer the virtual ones (paper P11, P13; ipvs-cases A01, A04)', () => {
    const lab = new DirectorLab({ rules: NAT });
    const request = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3 }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(request.map(({ port }) => port)).toEqual([SERVER_SIDE]);
    expect(only(request)).toMatchObject([
      { destination: macOf(RS1), source: '02:00:00:00:00:51' },
      { source: CLIENT, destination: RS1, ttl: 63, tos: 3, id: 0x1234, df: true, totalLength: 40 },
      { sourcePort: 40001, destinationPort: 8080, flags: 'S', sequence: 1000 },
    ]);
    const answer = lab.fromServers(
      ip({ source: RS1, destination: CLIENT, id: 0x7777 }),
      tcp({ sourcePort: 8080, destinationPort: 40001, flags: 'AS', acknowledgement: 1001 }),
    );
    expect(answer.map(({ port }) => port)).toEqual([CLIENT_SIDE]);
    expect(only(answer)).toMatchObject([
      { destination: macOf(CLIENT), source: '02:00:00:00:00:c1' },
      { source: VIP, destination: CLIENT, ttl: 63, id: 0x7777 },
      { sourcePort: 80, destinationPort: 40001, flags: 'AS' },
    ]);
  });

  test('the life of a connection: states, leases, end (ipvs-cases C02, C03)', () => {
    const lab = new DirectorLab({ rules: [NAT[0] ?? '', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m'] });
    lab.clientSegment('S');
    expect(lab.states()).toEqual(['SYN_RECV/60']);
    lab.serverSegment(RS1, 'AS');
    lab.clientSegment('A');
    expect(lab.states()).toEqual(['ESTABLISHED/900']);
    lab.advance(100);
    expect(lab.states()).toEqual(['ESTABLISHED/800']);
    lab.clientSegment('AF');
    expect(lab.states()).toEqual(['CLOSE_WAIT/60']);
    lab.serverSegment(RS1, 'AF');
    expect(lab.states()).toEqual(['TIME_WAIT/120']);
    lab.advance(119.999);
    expect(lab.connections()).toHaveLength(1);
    lab.advance(0.001);
    expect(lab.connections()).toEqual([]);
  });

  test('a packet that cannot go on has changed its connection all the same (ipvs-cases A03)', () => {
    const lab = new DirectorLab({ rules: NAT });
    const error = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, ttl: 1 }),
      tcp({ sourcePort: 40064, destinationPort: 80, flags: 'S' }),
    );
    expect(only(error)).toMatchObject([
      {},
      { source: VIP, destination: CLIENT, tos: 0xc0, totalLength: 68, ttl: 64 },
      { type: 11, code: 0 },
      { destination: VIP, ttl: 1 },
      { destinationPort: 80 },
    ]);
    expect(lab.states()).toEqual(['SYN_RECV/60']);
    expect(lab.director.servicesText()).toMatch(/Masq +1 +1 +0 *$/m);
  });

  test('an answer without connection leaves as it is (ipvs-cases A49)', () => {
    const lab = new DirectorLab({ rules: NAT });
    expect(only(lab.serverSegment(RS1, 'A'))).toMatchObject([{}, { source: RS1 }, { sourcePort: 80 }]);
  });

  test('nat_icmp_send: it is refused, unless it is a reset; one too short to tell is refused', () => {
    const lab = new DirectorLab({
      rules: NAT,
      environment: { sysctls: { 'vs.nat_icmp_send': '1', icmp_ratelimit: '0' } },
    });
    const speak = (flags: string) => lab.serverSegment(RS1, flags, { sourcePort: 8080 });
    expect(only(speak('A'))).toMatchObject([
      {},
      { source: '192.168.1.1', destination: RS1 },
      { type: 3, code: 3 },
      {},
      {},
    ]);
    expect(only(speak('R'))).toMatchObject([{}, { source: RS1, destination: CLIENT }, { flags: 'R' }]);
    // What the buffer still holds of the reset before must not be taken for this one's flags.
    const short = lab.fromServers(
      ip({ source: RS1, destination: CLIENT, protocol: 6 }),
      payload(Uint8Array.of(0x1f, 0x90, 0x9c, 0x41)),
    );
    expect(short.map(({ layers }) => layers.slice(1, 3))).toMatchObject([[{ destination: RS1 }, { type: 3, code: 3 }]]);
    // To the director itself too: what comes from a server's service is no request (ip_vs_core.c: ip_vs_out_hook before ip_vs_in_hook).
    const request = lab.fromServers(
      ip({ source: RS1, destination: VIP }),
      tcp({ sourcePort: 8080, destinationPort: 80, flags: 'S' }),
    );
    expect(only(request)).toMatchObject([{}, { source: VIP, destination: RS1 }, { type: 3, code: 3 }, {}, {}]);
  });
});

describe('VS/TUN', () => {
  test('the request travels whole in another packet (paper P22; ipvs-cases A11)', () => {
    const lab = new DirectorLab({ rules: TUNNEL });
    const sent = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3 }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(only(sent)).toMatchObject([
      { destination: macOf(RS1) },
      { source: '192.168.1.1', destination: RS1, protocol: 4, totalLength: 60, ttl: 63, tos: 2, id: 0, df: true },
      { source: CLIENT, destination: VIP, ttl: 63, tos: 3, id: 0x1234 },
      { destinationPort: 80, flags: 'S' },
    ]);
  });

  test('the director sees half of the connection (paper P26; ipvs-cases C17, C20)', () => {
    const lab = new DirectorLab({ rules: TUNNEL });
    const states = ['S', 'A', 'AF', 'A'].map((flags) => {
      lab.clientSegment(flags);
      return lab.states();
    });
    expect(states).toEqual([['SYN_RECV/60'], ['ESTABLISHED/900'], ['FIN_WAIT/120'], ['FIN_WAIT/120']]);
  });

  test('a datagram that its outer header would make longer than 65535 bytes is not sent', () => {
    const udpRules = TUNNEL.map((rule) => rule.replaceAll('-t', '-u'));
    const lab = new DirectorLab({ rules: udpRules });
    const data = new Uint8Array(65516 - 28);
    const whole = buildPacket([
      ip({ source: CLIENT, destination: VIP }),
      udp({ sourcePort: 5, destinationPort: 80 }),
      payload(data),
    ]);
    const sent = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((index) =>
      lab.fromClient(
        ip({ source: CLIENT, destination: VIP, protocol: 17, df: false, offset: index * 8000, mf: index < 8 }),
        payload(whole.subarray(20 + index * 8000, 20 + (index + 1) * 8000)),
      ),
    );
    expect(sent).toEqual([]);
  });
});

describe('VS/DR', () => {
  test('only the frame’s destination changes, and the TTL (paper P29; ipvs-cases A08)', () => {
    const lab = new DirectorLab({ rules: DIRECT_ROUTE });
    const sent = lab.fromClient(
      ip({ source: CLIENT, destination: VIP, tos: 3, options: '01010101' }),
      tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
    );
    expect(only(sent)).toMatchObject([
      { destination: macOf(RS1), source: '02:00:00:00:00:51' },
      { source: CLIENT, destination: VIP, ttl: 63, tos: 3, id: 0x1234, options: '01010101' },
      { sourcePort: 40001, destinationPort: 80 },
    ]);
  });
});

describe('profile paper', () => {
  test.each(['TUNNEL', 'DIRECT_ROUTE'] as const)(
    '%s leaves the packet as it is: the TTL too (paper P22, P29)',
    (method) => {
      const lab = new DirectorLab({ rules: METHODS[method], profile: PROFILES.paper });
      const frame = buildPacket([
        ethernet({ destination: '02:00:00:00:00:c1' }),
        ip({ source: CLIENT, destination: VIP, ttl: 1 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      ]);
      const [sent] = lab.receive(CLIENT_SIDE, frame);
      expect(sent?.frame.subarray(method === 'TUNNEL' ? 34 : 14)).toEqual(frame.subarray(14));
    },
  );

  test('VS/NAT is a router, and takes one from the TTL (RFC 1812 §5.3.1)', () => {
    const lab = new DirectorLab({ rules: NAT, profile: PROFILES.paper });
    expect(layerOf(only(lab.clientSegment('S')), 'ip').ttl).toBe(63);
  });

  test('a connection that was closed is kept one minute (paper P15)', () => {
    const lab = new DirectorLab({ rules: DIRECT_ROUTE, profile: PROFILES.paper });
    for (const flags of ['S', 'A', 'AF']) lab.clientSegment(flags);
    expect(lab.states()).toEqual(['FIN_WAIT/60']);
  });
});

describe('servers that come and go', () => {
  const rules = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m'];
  const remove = '-d -t 10.0.0.100:80 -r 192.168.1.11:80';

  test('without its server a connection rests, and goes on when it is back (ipvs-cases E11 to E13)', () => {
    const lab = new DirectorLab({ rules });
    lab.clientSegment('S');
    lab.director.administer(remove);
    expect(lab.clientSegment('A')).toEqual([]);
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: VIP }, {}]);
    lab.director.administer(rules[1] ?? '');
    expect(lab.director.servicesText()).toMatch(/Masq +1 +1 +0 *$/m);
    expect(only(lab.clientSegment('A'))).toMatchObject([{}, { destination: RS1 }, {}]);
  });

  test('expire_nodest_conn: its connections end with it (ipvs-cases E16, E17)', () => {
    const lab = new DirectorLab({ rules, environment: { sysctls: { 'vs.expire_nodest_conn': '1' } } });
    lab.clientSegment('S');
    lab.director.administer(remove);
    expect(lab.connections()).toEqual([]);
    expect(only(lab.clientSegment('A', { acknowledgement: 77 }))).toMatchObject([
      {},
      { source: VIP },
      { flags: 'R', sequence: 77 },
    ]);
  });

  test('the last service gone, nothing is balanced; with any service again everything is (kernel ip_vs_ctl.c:ip_vs_unregister_hooks)', () => {
    const lab = new DirectorLab({ rules });
    lab.clientSegment('S');
    lab.director.administer('-C');
    expect(only(lab.clientSegment('A', { acknowledgement: 77 }))).toMatchObject([{}, { source: VIP }, { flags: 'R' }]);
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: RS1 }, {}]);
    lab.director.administer('-A -t 10.0.0.100:443 -s rr');
    expect(only(lab.serverSegment(RS1, 'AS'))).toMatchObject([{}, { source: VIP }, {}]);
  });

  test('counts: active while half open or established, inactive when closing, none when ended (kernel ip_vs_proto_tcp.c:tcp_state_active)', () => {
    const lab = new DirectorLab({ rules });
    const counts = () => /Masq +1 +(\d+) +(\d+)/.exec(lab.director.servicesText())?.slice(1).join('/');
    const seen = ['S', 'A', 'A', 'AF'].map((flags) => {
      lab.clientSegment(flags);
      return counts();
    });
    expect(seen).toEqual(['1/0', '1/0', '1/0', '0/1']);
    lab.advance(60);
    expect(counts()).toBe('0/0');
  });
});

describe('any input', () => {
  const rules = [
    ...NAT,
    '-A -t 10.0.0.100:81 -s wlc',
    '-a -t 10.0.0.100:81 -r 192.168.1.12 -i',
    '-A -t 10.0.0.100:82 -s lc',
    '-a -t 10.0.0.100:82 -r 192.168.1.13 -g',
    '-A -t 10.0.0.100:21 -s rr',
    '-a -t 10.0.0.100:21 -r 192.168.1.11:21 -m',
    '-A -u 10.0.0.100:53 -s rr',
    '-a -u 10.0.0.100:53 -r 192.168.1.11:53 -m',
  ];
  const sysctls = fc.constantFrom(
    {},
    { 'vs.schedule_icmp': '1', 'vs.nat_icmp_send': '1', 'vs.sloppy_tcp': '1', icmp_ratelimit: '0' },
  );

  const address = fc.constantFrom(
    CLIENT,
    VIP,
    ...SERVERS,
    '10.0.0.1',
    '192.168.1.1',
    '192.168.1.99',
    '8.8.8.8',
    '127.0.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '10.0.0.255',
  );
  const port = fc.constantFrom(0, 20, 21, 53, 80, 81, 82, 8080, 40001, 51210);
  const flags = fc.constantFrom('S', 'AS', 'A', 'AP', 'AF', 'AR', 'R', '', 'SF');
  const text = fc.constantFrom(
    '',
    'PASV\r\n',
    'EPSV\r\n',
    '227 Entering Passive Mode (192,168,1,11,200,10).\r\n',
    '229 ok (|||51210|)\r\n',
    'PORT 10,0,0,2,156,65\r\n',
  );
  const ipLayer = fc
    .record({
      source: address,
      destination: address,
      ttl: fc.constantFrom(0, 1, 2, 64),
      df: fc.boolean(),
      mf: fc.boolean(),
      offset: fc.constantFrom(0, 0, 0, 8, 24),
      options: fc.constantFrom('', '', '07070400000000', '8307040a000001', '01', '0700'),
      id: fc.nat(2),
    })
    .map((fields) => ip(fields));
  const transport = fc.oneof(
    fc.record({ sourcePort: port, destinationPort: port, flags }).map((fields) => tcp(fields)),
    fc.record({ sourcePort: port, destinationPort: port }).map((fields) => udp(fields)),
  );
  const error = fc
    .record({
      type: fc.constantFrom(3, 4, 5, 8, 11, 12),
      code: fc.constantFrom(0, 1, 3, 4),
      rest: fc.constantFrom(0, 60, 1400, 0xffffffff),
    })
    .map((fields) => icmp(fields));
  const data = fc.oneof(
    text.map((line) => payload(line)),
    fc.uint8Array({ maxLength: 1700, size: 'max' }).map((bytes) => payload(bytes)),
  );
  const datagram = fc.oneof(
    fc.tuple(ipLayer, transport, data),
    fc.tuple(ipLayer, error, ipLayer, transport, data),
    fc.tuple(ipLayer, error, ipLayer, ipLayer, transport, data),
    fc.tuple(ipLayer, ipLayer, data),
  );
  const damage = fc.oneof(
    { weight: 4, arbitrary: fc.constant((frame: Uint8Array) => frame) },
    { weight: 1, arbitrary: fc.nat().map((at) => (frame: Uint8Array) => frame.slice(0, at % (frame.length + 1))) },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
        .map((changes) => (frame: Uint8Array) => {
          const damaged = frame.slice();
          for (const [at, value] of changes) damaged[at % 60] = value;
          return damaged;
        }),
    },
  );
  const frame = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ port: fc.nat(1), layers: datagram, damage }).map(({ port, layers, damage }) => ({
        port,
        frame: damage(buildPacket([ethernet({ destination: ENVIRONMENT.ports[port]?.mac ?? '' }), ...layers])),
      })),
    },
    { weight: 1, arbitrary: fc.record({ port: fc.nat(1), frame: fc.uint8Array({ maxLength: 80, size: 'max' }) }) },
    {
      weight: 1,
      arbitrary: fc
        .record({
          port: fc.nat(1),
          rest: fc.uint8Array({ maxLength: 60, size: 'max' }),
          type: fc.constantFrom([8, 0], [8, 6]),
        })
        .map(({ port, rest, type }) => ({
          port,
          frame: Uint8Array.of(
            ...(port === 0 ? [2, 0, 0, 0, 0, 0xc1] : [2, 0, 0, 0, 0, 0x51]),
            2,
            0,
            0,
            0,
            0,
            9,
            ...type,
            ...rest,
          ),
        })),
    },
  );
  const step = fc.oneof(
    { weight: 5, arbitrary: frame },
    { weight: 1, arbitrary: fc.constantFrom(0.5, 3, 61, 5000).map((seconds) => ({ seconds })) },
  );
  const history = fc.array(step, { maxLength: 40, size: 'max' });

  const play = (
    lab: DirectorLab,
    steps: readonly ({ port: number; frame: Uint8Array } | { seconds: number })[],
  ): Sent[] =>
    steps.flatMap((step) => ('seconds' in step ? lab.advance(step.seconds) : lab.receive(step.port, step.frame)));

  property.prop([history, sysctls], { numRuns: 400 })(
    'throws nothing, sends well-formed frames only, and leaves the director able to forward the next packet',
    (steps, sysctls) => {
      const lab = new DirectorLab({ rules, environment: { sysctls } });
      for (const { frame, port } of play(lab, steps)) {
        const mtu = ENVIRONMENT.ports[port]?.mtu ?? 0;
        expect(frame.length - 14).toBeLessThanOrEqual(mtu);
        // The header is always the director's work; what it carries may have been wrong before.
        expect(checksumErrors(frame).filter(({ layer }) => layer === 1)).toEqual([]);
      }
      const answer = lab.fromClient(
        ip({ source: '10.0.0.7', destination: VIP }),
        tcp({ sourcePort: 1234, destinationPort: 80, flags: 'S' }),
      );
      expect(only(answer)).toMatchObject([
        {},
        { source: '10.0.0.7', destination: RS1, ttl: 63 },
        { destinationPort: 8080 },
      ]);
    },
  );

  property.prop([history, sysctls])('gives the same output for the same input', (steps, sysctls) => {
    const [one, other] = [0, 1].map(() => play(new DirectorLab({ rules, environment: { sysctls } }), steps));
    expect(one).toEqual(other);
  });

  property.prop([history, fc.array(fc.nat(200), { minLength: 1, maxLength: 10 })])(
    'it is the same whether time passes in one leap or in many',
    (steps, leaps) => {
      const [one, many] = [new DirectorLab({ rules }), new DirectorLab({ rules })];
      play(one, steps);
      play(many, steps);
      const together = one.advance(leaps.reduce((total, leap) => total + leap, 0));
      expect(leaps.flatMap((leap) => many.advance(leap))).toEqual(together);
      expect(many.connections()).toEqual(one.connections());
      expect(many.director.servicesText()).toEqual(one.director.servicesText());
    },
  );

  test('frames that arrive while another is being sent are handled after it', () => {
    const pings: Uint8Array[] = [];
    const ping = (id: number) =>
      buildPacket([
        ethernet({ destination: '02:00:00:00:00:c1' }),
        ip({ source: CLIENT, destination: VIP }),
        icmp({ type: 8, rest: id }),
        payload(new Uint8Array(100).fill(id)),
      ]);
    const director: Director = new Director({
      environment: { ...ENVIRONMENT, neighbours: 'derived' },
      profile: PROFILES.linux,
      transmit: (_port, frame) => {
        pings.push(frame.slice());
        if (pings.length < 5) director.receive(0, ping(pings.length + 1));
      },
    });
    director.receive(0, ping(1));
    expect(pings.map((frame) => frame.at(-1))).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('what is no director', () => {
  const made = (environment: object) => () => new DirectorLab({ environment });
  test.each([
    ['an address', { virtualAddresses: ['10.0.0.300'] }],
    ['a MAC', { ports: [{ name: 'a', mac: '1', addresses: [], mtu: 1500 }] }],
    ['a prefix', { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1'], mtu: 1500 }] }],
    [
      'an MTU smaller than IP allows (RFC 791: 68)',
      { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 67 }] },
    ],
    [
      'an MTU beyond the largest datagram',
      { ports: [{ name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 65536 }] },
    ],
    ['a gateway on no network of a port', { routes: [{ destination: '0.0.0.0/0', via: '172.16.0.1' }] }],
    ['a setting that is no number', { sysctls: { 'vs.conn_reuse_mode': 'x' } }],
  ])('%s is refused in one line', (_what, environment) => {
    expect(made(environment)).toThrow(MalformedInput);
    expect(made(environment)).toThrow(/^[^\n]+$/);
  });

  test('a setting that nobody knows is unsupported', () => {
    expect(made({ sysctls: { tcp_congestion_control: '1' } })).toThrow(UnsupportedFeature);
  });

  test.each([-1, NaN, Infinity])('time does not pass by %s milliseconds', (milliseconds) => {
    expect(() => new DirectorLab().director.advance(milliseconds)).toThrow(MalformedInput);
  });
});
