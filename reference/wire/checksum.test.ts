import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { adjust16, adjust32, finish, internetChecksum, pseudoHeaderSum, sum } from './checksum.ts';
import { fromHex } from './hex.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const checksumOf = (bytes: Uint8Array) => internetChecksum(view(bytes), 0, bytes.length);

/** RFC 1071 §1, word by word with an end-around carry after each. */
function plainChecksum(bytes: Uint8Array): number {
  let total = 0;
  for (let index = 0; index < bytes.length; index += 2) {
    total += (bytes[index] ?? 0) * 256 + (bytes[index + 1] ?? 0);
    if (total > 0xffff) total -= 0xffff;
  }
  return 0xffff - total;
}

/** Bytes rich in the two zeros of one's complement. */
const anyBytes = (constraints: fc.IntArrayConstraints) =>
  fc.oneof(
    fc.uint8Array(constraints),
    fc.uint8Array({ ...constraints, min: 0xff }),
    fc.uint8Array({ ...constraints, max: 0 }),
    fc.array(fc.constantFrom(0x00, 0xff), constraints).map((bytes) => Uint8Array.from(bytes)),
  );
const word = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xffff, 1, 0xfffe));
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

describe('the checksum', () => {
  it('of the example of RFC 1071 §3 sums to ddf2', () => {
    const bytes = fromHex('0001f203f4f5f6f7', '');
    expect(finish(sum(view(bytes), 0, 8))).toBe(0xffff - 0xddf2);
  });

  it.each([
    ['an IPv4 header sent by Linux 6.18', '4500002070bb400040010000' + '7f0000027f000003', 0xcc1c],
    ['an echo request sent by Linux 6.18', '08000000123400076c767321', 0x062d],
    ['the echo reply to it', '00000000123400076c767321', 0x0e2d],
  ])('of %s is what the sender wrote', (_what, hex, expected) => {
    expect(checksumOf(fromHex(hex, ''))).toBe(expected);
  });

  it('of a UDP datagram sent by Linux 6.18 covers the pseudo header', () => {
    const datagram = fromHex('9cbba027000d000068656c6c6f', '');
    const pseudoHeader = pseudoHeaderSum(0x7f000002, 0x7f000003, 17, datagram.length);
    expect(internetChecksum(view(datagram), 0, datagram.length, pseudoHeader)).toBe(0x8119);
  });

  it('is ffff for bytes that are all zero and 0000 for words that add up to ffff', () => {
    expect(checksumOf(new Uint8Array(20))).toBe(0xffff);
    expect(checksumOf(new Uint8Array(20).fill(0xff))).toBe(0);
  });

  it('stays exact for more than 64 KiB of the largest words and the largest initial sum', () => {
    const bytes = new Uint8Array(300_001).fill(0xff);
    expect(internetChecksum(view(bytes), 0, bytes.length, 0xffff_ffff)).toBe(
      plainChecksum(Uint8Array.from([...bytes, 0, 0xff, 0xff, 0xff, 0xff])),
    );
    expect(sum(view(bytes), 0, bytes.length, 0xffff_ffff)).toBeLessThan(2 ** 17);
  });

  test.prop([anyBytes({ maxLength: 100 }), fc.nat(50), fc.nat(100)])(
    'of any part of any bytes is that of the plain algorithm',
    (bytes, offset, length) => {
      const part = bytes.subarray(offset, offset + length);
      expect(internetChecksum(view(bytes), Math.min(offset, bytes.length), part.length)).toBe(plainChecksum(part));
    },
  );

  test.prop([anyBytes({ maxLength: 60 }), fc.nat(30)])('of two parts chained is that of the whole', (bytes, half) => {
    const split = Math.min(half * 2, bytes.length - (bytes.length % 2));
    const first = sum(view(bytes), 0, split);
    expect(internetChecksum(view(bytes), split, bytes.length - split, first)).toBe(plainChecksum(bytes));
  });

  test.prop([anyBytes({ minLength: 2, maxLength: 60 })])(
    'written into its field makes the whole sum to zero',
    (bytes) => {
      bytes.fill(0, 0, 2);
      view(bytes).setUint16(0, checksumOf(bytes));
      expect(checksumOf(bytes)).toBe(0);
    },
  );
});

describe('the adjusted checksum', () => {
  it('of the example of RFC 1624 §4 is 0000, where RFC 1141 gave ffff', () => {
    expect(adjust16(0xdd2f, 0x5555, 0x3285)).toBe(0);
  });

  test.prop([anyBytes({ minLength: 2, maxLength: 40 }), fc.nat(19), word])(
    'of 16 bits equals the computed one, and is 0000 where all bytes became zero',
    (bytes, index, after) => {
      const offset = 2 * Math.min(index, (bytes.length >>> 1) - 1);
      const before = view(bytes).getUint16(offset);
      const old = checksumOf(bytes);
      view(bytes).setUint16(offset, after);
      expect(adjust16(old, before, after)).toBe(isZero(bytes) ? 0 : checksumOf(bytes));
    },
  );

  test.prop([anyBytes({ minLength: 4, maxLength: 40 }), fc.nat(18), word, word])(
    'of 32 bits equals the computed one, and is 0000 where all bytes became zero',
    (bytes, index, high, low) => {
      const offset = 2 * Math.min(index, (bytes.length >>> 1) - 2);
      const after = high * 0x1_0000 + low;
      const before = view(bytes).getUint32(offset);
      const old = checksumOf(bytes);
      view(bytes).setUint32(offset, after);
      expect(adjust32(old, before, after)).toBe(isZero(bytes) ? 0 : checksumOf(bytes));
    },
  );

  test.prop([anyBytes({ minLength: 3, maxLength: 40 }), fc.nat(18), word])(
    'of a field at an odd offset takes its bytes swapped',
    (bytes, index, after) => {
      const offset = 2 * Math.min(index, ((bytes.length - 1) >>> 1) - 1) + 1;
      const before = view(bytes).getUint16(offset, true);
      const old = checksumOf(bytes);
      view(bytes).setUint16(offset, after, true);
      expect(adjust16(old, before, after)).toBe(isZero(bytes) ? 0 : checksumOf(bytes));
    },
  );

  test.prop([word, word])('is the same from ffff as from 0000', (before, after) => {
    expect(adjust16(0xffff, before, after)).toBe(adjust16(0x0000, before, after));
    expect(adjust32(0xffff, before, after)).toBe(adjust32(0x0000, before, after));
  });

  test.prop([word, word, word])('is never ffff', (checksum, before, after) => {
    expect(adjust16(checksum, before, after)).not.toBe(0xffff);
    expect(adjust32(checksum, before, after)).not.toBe(0xffff);
  });

  test.prop([anyBytes({ minLength: 2, maxLength: 40 }), word, word])(
    'of a wrong one is wrong by as much',
    (bytes, stated, after) => {
      const before = view(bytes).getUint16(0);
      const wrongBy = (stated - checksumOf(bytes) + 0xffff) % 0xffff;
      view(bytes).setUint16(0, after);
      const adjusted = adjust16(stated, before, after);
      expect((adjusted - checksumOf(bytes) + 0xffff) % 0xffff).toBe(wrongBy);
    },
  );
});
