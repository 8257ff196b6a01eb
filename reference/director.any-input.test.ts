import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Director } from './director.ts';
import { PROFILES } from './profile.ts';
import { CLIENT, DirectorLab, ENVIRONMENT, SERVERS, VIP, type Sent } from './testing/director-lab.ts';
import { buildPacket } from './wire/build-packet.ts';
import { checksumErrors } from './wire/checksum-errors.ts';
import { ethernet, icmp, ip, payload, tcp, udp } from './wire/layer.ts';

const NAT = ['-A -t 10.0.0.100:80 -s rr', '-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m'];

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
      expect(answer.map(({ layers }) => layers)).toMatchObject([
        [{}, { source: '10.0.0.7', destination: SERVERS[0], ttl: 63 }, { destinationPort: 8080 }],
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
