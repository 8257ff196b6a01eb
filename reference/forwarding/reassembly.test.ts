import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { ip, payload, type IpFields } from '../wire/layer.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { ipv4ReassemblyRules } from './reassembly-rules.ts';
import { Reassembly } from './reassembly.ts';

const ends = { source: '10.0.0.2', destination: '10.0.0.100', protocol: 17, id: 7, df: false } as const;

const fragment = (offset: number, data: Uint8Array, mf: boolean, fields: IpFields = {}): PacketBuffer =>
  packetOf(ip({ ...ends, offset, mf, ...fields }), payload(data));
const zeros = (length: number): Uint8Array => new Uint8Array(length);

function setUp() {
  const clock = new Clock();
  const expired: PacketBuffer[] = [];
  const reassembly = new Reassembly(
    clock,
    ipv4ReassemblyRules((first) => expired.push(first)),
  );
  return { clock, expired, reassembly };
}

/** A datagram's data cut at some multiples of 8, in any order. */
const cutUp = fc
  .record({
    data: fc.uint8Array({ minLength: 9, maxLength: 1600, size: 'max' }),
    cuts: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
    options: fc.constantFrom('', '01010101'),
  })
  .chain(({ data, cuts, options }) => {
    const eighths = Math.ceil(data.length / 8) - 1;
    const inner = [...new Set(cuts.map((cut) => 8 * (1 + (cut % eighths))))].sort((a, b) => a - b);
    const edges = [0, ...inner, data.length];
    const pieces = edges.slice(1).map((to, index) => ({ from: edges[index] ?? 0, to }));
    return fc.record({
      data: fc.constant(data),
      options: fc.constant(options),
      pieces: fc.shuffledSubarray(pieces, { minLength: pieces.length }),
      repeated: fc.nat(pieces.length - 1),
    });
  });

describe('reassembly', () => {
  property.prop([cutUp])('joins fragments in any order, and says so with the one that completes them', (parts) => {
    const { data, options, pieces } = parts;
    const { reassembly } = setUp();
    const results = pieces.map(({ from, to }) =>
      reassembly.add(fragment(from, data.subarray(from, to), to < data.length, { options })),
    );
    const whole = results.pop();
    expect(results).toEqual(results.map(() => undefined));
    expect(whole && bytesOf(whole)).toEqual(bytesOf(packetOf(ip({ ...ends, options }), payload(data))));
    // The largest fragment is what the datagram may become on output (ip_do_fragment).
    const header = options === '' ? 20 : 24;
    expect(whole?.largestFragment).toBe(header + Math.max(...pieces.map(({ from, to }) => to - from)));
  });

  property.prop([cutUp])('takes no notice of what it has already', ({ data, pieces, repeated }) => {
    const { reassembly } = setUp();
    const of = ({ from, to }: { from: number; to: number }) =>
      fragment(from, data.subarray(from, to), to < data.length);
    const [first, ...others] = pieces;
    const again = pieces[repeated];
    if (first === undefined || again === undefined) return;
    expect(reassembly.add(of(first))).toBeUndefined();
    expect(reassembly.add(of(first))).toBeUndefined();
    const results = others.map((piece) => reassembly.add(of(piece)));
    const whole = results.pop();
    expect(whole && bytesOf(whole)).toEqual(bytesOf(packetOf(ip(ends), payload(data))));
  });

  property.prop([cutUp, fc.nat()])('gives nothing while any piece is missing', ({ data, pieces }, missing) => {
    const { reassembly } = setUp();
    const left = pieces.filter((_, index) => index !== missing % pieces.length);
    for (const { from, to } of left) {
      expect(reassembly.add(fragment(from, data.subarray(from, to), to < data.length))).toBeUndefined();
    }
  });

  test('keeps datagrams apart that differ in source, destination, protocol or identification', () => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, zeros(8), true));
    const others: IpFields[] = [{ source: '10.0.0.3' }, { destination: '10.0.0.1' }, { protocol: 6 }, { id: 8 }];
    for (const other of others) expect(reassembly.add(fragment(8, zeros(8), false, other))).toBeUndefined();
    expect(reassembly.add(fragment(8, zeros(8), false))).toBeDefined();
  });

  test.each([
    ['begins within another', 8, 16],
    ['ends within another', 8, 20],
    ['covers another', 8, 24],
  ])('drops a datagram with a fragment that %s, whole (as RFC 5722 §4 for IPv6)', (_what, from, length) => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, zeros(8), true));
    reassembly.add(fragment(16, zeros(8), true));
    expect(reassembly.add(fragment(from, zeros(length - (length % 8)), true))).toBeUndefined();
    expect(reassembly.add(fragment(8, zeros(8), true))).toBeUndefined();
    expect(reassembly.add(fragment(24, zeros(8), false))).toBeUndefined();
  });

  test('a fragment whose bytes are all there already changes nothing (inet_frag_queue_insert)', () => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, zeros(24), true));
    expect(reassembly.add(fragment(8, zeros(8), true))).toBeUndefined();
    expect(reassembly.add(fragment(24, zeros(8), false))).toBeDefined();
  });

  // RFC 3168 §5.3, net/ipv4/inet_fragment.c:ip_frag_ecn_table. Of the first fragment, of the second, of the whole.
  test.each([
    [0, 0, 0],
    [1, 1, 1],
    [2, 2, 2],
    [3, 3, 3],
    [1, 2, 1],
    [2, 1, 2],
    [1, 3, 3],
    [2, 3, 3],
    [3, 1, 3],
    [3, 2, 3],
    [0, 1, undefined],
    [0, 2, undefined],
    [0, 3, undefined],
    [3, 0, undefined],
  ])('of ECN code points %i and %i gives %s', (first, second, merged) => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, zeros(8), true, { tos: 0xb8 | first }));
    const whole = reassembly.add(fragment(8, zeros(8), false, { tos: 0xb8 | second }));
    expect(whole?.tos).toBe(merged === undefined ? undefined : 0xb8 | merged);
    if (whole !== undefined) expect(wrongChecksums(bytesOf(whole))).toEqual([]);
  });

  test.each([
    [true, true, true],
    [true, false, true],
    [false, true, false],
    [false, false, false],
  ])('keeps DF only if the largest fragment had it: larger %s, smaller %s', (larger, smaller, whole) => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, zeros(16), true, { df: larger }));
    expect(reassembly.add(fragment(16, zeros(8), false, { df: smaller }))?.dontFragment).toBe(whole);
  });

  test('has the first fragment’s header: TTL, TOS, options (RFC 791 §3.2)', () => {
    const { reassembly } = setUp();
    reassembly.add(fragment(8, zeros(8), false, { ttl: 1, tos: 4 }));
    const whole = reassembly.add(fragment(0, zeros(8), true, { ttl: 33, tos: 8, options: '01010101' }));
    expect(whole && layerOf(layersOf(bytesOf(whole)), 'ip')).toMatchObject({ ttl: 33, tos: 8, options: '01010101' });
  });

  test('gives up after 30 seconds, and hands over the first fragment if it came (RFC 1122 §3.3.2)', () => {
    const { clock, expired, reassembly } = setUp();
    reassembly.add(fragment(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), true));
    clock.advance(10_000, () => undefined);
    reassembly.add(fragment(8, zeros(8), false, { id: 8 }));
    clock.advance(19_999, () => undefined);
    expect(expired).toEqual([]);
    clock.advance(1, () => undefined);
    expect(expired.map(bytesOf)).toEqual([bytesOf(fragment(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), true))]);
    clock.advance(60_000, () => undefined);
    expect(expired).toHaveLength(1);
    expect(reassembly.add(fragment(8, zeros(8), false))).toBeUndefined();
  });

  test('a datagram that would be longer than 65535 bytes is none', () => {
    const { reassembly } = setUp();
    for (let from = 0; from < 65528; from += 1024) reassembly.add(fragment(from, zeros(1016), true));
    for (let from = 1016; from < 65528; from += 1024) {
      if (from + 8 < 65528) reassembly.add(fragment(from, zeros(8), true));
    }
    expect(reassembly.add(fragment(65528, zeros(64), false))).toBeUndefined();
  });

  test('lone fragments without end do not fill the memory, nor stop others once they timed out', () => {
    const { clock, reassembly } = setUp();
    let held = 0;
    for (let id = 0; id < 4000; id++) {
      if (reassembly.add(fragment(0, zeros(1400), true, { id: id & 0xffff, source: `10.1.${id & 0xff}.1` }))) held++;
    }
    expect(held).toBe(0);
    expect(reassembly.heldBytes).toBeLessThanOrEqual(4 * 2 ** 20 + 4096);
    clock.advance(30_000, () => undefined);
    expect(reassembly.heldBytes).toBe(0);
    reassembly.add(fragment(0, zeros(8), true));
    expect(reassembly.add(fragment(8, zeros(8), false))).toBeDefined();
  });

  test('nor do the smallest ones: there are only so many', () => {
    const { clock, reassembly } = setUp();
    const begin = performance.now();
    for (let id = 0; id < 65536; id++) {
      reassembly.add(fragment(8, zeros(8), true, { id }));
      if (id % 4 === 0) reassembly.add(fragment(8, zeros(8), true, { id, protocol: 6 }));
    }
    expect(reassembly.heldBytes).toBeLessThanOrEqual(4 * 2 ** 20 + 1024);
    expect(performance.now() - begin).toBeLessThan(10_000);
    clock.advance(30_000, () => undefined);
    expect(reassembly.heldBytes).toBe(0);
  });

  test.each([
    ['beyond the last', 16, false, 24, true],
    ['beyond the last, which comes later', 24, true, 16, false],
    ['that is the last again, elsewhere', 16, false, 24, false],
  ])('a fragment %s breaks the datagram (ip_frag_queue)', (_what, at, mf, thenAt, thenMf) => {
    const { reassembly } = setUp();
    reassembly.add(fragment(at, zeros(8), mf));
    reassembly.add(fragment(thenAt, zeros(8), thenMf));
    reassembly.add(fragment(0, zeros(8), true));
    expect(reassembly.add(fragment(8, zeros(8), true))).toBeUndefined();
  });

  test('what a fragment but the last has beyond a multiple of 8 bytes is cut off (ip_frag_queue)', () => {
    const { reassembly } = setUp();
    reassembly.add(fragment(0, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), true));
    const whole = reassembly.add(fragment(8, Uint8Array.of(11), false));
    expect(whole && bytesOf(whole)).toEqual(
      bytesOf(packetOf(ip(ends), payload(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 11)))),
    );
    expect(whole?.largestFragment).toBe(28);
    expect(reassembly.add(fragment(0, zeros(7), true))).toBeUndefined();
    expect(reassembly.heldBytes).toBe(0);
  });

  test('thousands of tiny pieces take little more memory than the datagram', () => {
    const { reassembly } = setUp();
    for (let at = 8191 * 8; at > 0; at -= 16) reassembly.add(fragment(at, zeros(8), true));
    expect(reassembly.heldBytes).toBeLessThan(150_000);
  });
});
