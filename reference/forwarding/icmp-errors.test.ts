import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { ENVIRONMENT } from '../testing/director-lab.ts';
import { icmp, ip, payload, tcp, udp, type Layer } from '../wire/layer.ts';
import { ICMP_ERROR, IcmpErrors } from './icmp-errors.ts';
import { RateLimit } from './rate-limit.ts';
import { Routes } from './routes.ts';

function setUp(interval = 0) {
  const clock = new Clock();
  const sent: Uint8Array[] = [];
  const errors = new IcmpErrors({
    routes: new Routes(ENVIRONMENT, clock),
    limit: new RateLimit(clock),
    interval: () => interval,
    nextId: () => 7,
    send: (packet) => sent.push(bytesOf(packet)),
  });
  return { clock, errors, sent };
}

const request = (...fields: Layer[]) => packetOf(ip({ source: '10.0.0.2', destination: '10.0.0.100' }), ...fields);
const tell = (about: ReturnType<typeof packetOf>, kind: number = ICMP_ERROR.portUnreachable, local = true) => {
  const { errors, sent } = setUp();
  about.local = local;
  errors.send(about, kind);
  return sent;
};

describe('an ICMP error of the director', () => {
  test('to a packet for itself comes from where that was sent, with TTL 64 and without DF', () => {
    const [error = new Uint8Array()] = tell(request(tcp({ sourcePort: 1, destinationPort: 2, flags: 'S' })));
    expect(layersOf(error)).toMatchObject([
      { source: '10.0.0.100', destination: '10.0.0.2', ttl: 64, df: false, protocol: 1, tos: 0xc0 },
      { type: 3, code: 3, rest: 0 },
      { source: '10.0.0.2', destination: '10.0.0.100' },
      { sourcePort: 1 },
    ]);
    expect(wrongChecksums(error)).toEqual([]);
  });

  test('to a packet that it routes comes from its address on the way back (RFC 1812 §4.3.2.4)', () => {
    const [error = new Uint8Array()] = tell(request(udp()), ICMP_ERROR.timeExceeded, false);
    expect(layersOf(error)).toMatchObject([{ source: '10.0.0.1' }, { type: 11, code: 0 }, {}, {}]);
  });

  property.prop([fc.nat(2000), fc.nat(255)])(
    'quotes as much as fits into 576 bytes, and has the packet’s type of service at precedence 6 (RFC 1812 §4.3.2.3, §4.3.2.5)',
    (length, tos) => {
      const about = packetOf(
        ip({ source: '10.0.0.2', destination: '10.0.0.100', tos, protocol: 99 }),
        payload(new Uint8Array(length).fill(9)),
      );
      const [error = new Uint8Array()] = tell(about);
      const quoted = error.subarray(28);
      expect(quoted).toEqual(bytesOf(about).subarray(0, Math.min(20 + length, 548)));
      expect(layerOf(layersOf(error), 'ip').tos).toBe((tos & 0x1e) | 0xc0);
    },
  );

  // RFC 1122 §3.2.2, RFC 1812 §4.3.2.7.
  test.each([
    ['an ICMP error', request(icmp({ type: 3, code: 1 }))],
    ['a redirect', request(icmp({ type: 5 }))],
    ['an ICMP message of a type that nobody knows', request(icmp({ type: 200 }))],
    ['an ICMP message without a type', packetOf(ip({ source: '10.0.0.2', destination: '10.0.0.100', protocol: 1 }))],
    [
      'a later fragment',
      packetOf(ip({ source: '10.0.0.2', destination: '10.0.0.100', protocol: 17, offset: 8 }), payload('x')),
    ],
    ['a broadcast', packetOf(ip({ source: '10.0.0.2', destination: '10.0.0.255' }), udp())],
    ['a packet of its own', packetOf(ip({ source: '10.0.0.100', destination: '10.0.0.2' }), udp())],
  ])('is not sent about %s', (_what, about) => {
    expect(tell(about)).toEqual([]);
  });

  test('is sent about an echo request, and about a first fragment', () => {
    expect(tell(request(icmp({ type: 8 })))).toHaveLength(1);
    const first = packetOf(
      ip({ source: '10.0.0.2', destination: '10.0.0.100', protocol: 17, mf: true }),
      payload('12345678'),
    );
    expect(tell(first)).toHaveLength(1);
  });
});

describe('the rate limit of ICMP errors (icmp_ratelimit)', () => {
  const about = (source = '10.0.0.2') => packetOf(ip({ source, destination: '10.0.0.100' }), udp());

  test('six at once, then one a second to each host (ipvs-cases E05)', () => {
    const { clock, errors, sent } = setUp(1000);
    const many = () => {
      sent.length = 0;
      for (let i = 0; i < 12; i++) errors.send(about(), ICMP_ERROR.portUnreachable);
      return sent.length;
    };
    expect(many()).toBe(6);
    clock.advance(999, () => undefined);
    expect(many()).toBe(0);
    clock.advance(1, () => undefined);
    expect(many()).toBe(1);
    clock.advance(2500, () => undefined);
    expect(many()).toBe(2);
    clock.advance(3_600_000, () => undefined);
    expect(many()).toBe(6);
  });

  test('is each host’s own, and common to all limited types', () => {
    const { errors, sent } = setUp(1000);
    for (let i = 0; i < 6; i++) errors.send(about(), ICMP_ERROR.timeExceeded);
    errors.send(about(), ICMP_ERROR.portUnreachable);
    expect(sent).toHaveLength(6);
    errors.send(about('10.0.0.3'), ICMP_ERROR.portUnreachable);
    expect(sent).toHaveLength(7);
  });

  test('does not hold for "fragmentation needed", nor where it is 0', () => {
    const limited = setUp(1000);
    for (let i = 0; i < 20; i++) limited.errors.send(about(), ICMP_ERROR.fragmentationNeeded, 1400);
    expect(limited.sent).toHaveLength(20);
    const free = setUp(0);
    for (let i = 0; i < 20; i++) free.errors.send(about(), ICMP_ERROR.portUnreachable);
    expect(free.sent).toHaveLength(20);
  });
});
