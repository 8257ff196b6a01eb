import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { crc32c, crc32cRemainder, finishCrc32c } from './crc32c.ts';
import { fromHex } from './hex.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const of = (bytes: Uint8Array) => crc32c(view(bytes), 0, bytes.length);
const count = (from: number, step: number) => Uint8Array.from({ length: 32 }, (_, index) => from + step * index);

/** RFC 9260 appendix A by the letter: long division, bit by bit, of the mirrored message by the polynomial. */
function naive(bytes: Uint8Array): number {
  const mirrored = (value: number, bits: number) =>
    Number.parseInt(value.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    remainder ^= BigInt(mirrored(byte, 8)) << 24n;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = ((remainder << 1n) ^ ((remainder & 0x80000000n) === 0n ? 0n : 0x11edc6f41n)) & 0xffffffffn;
    }
  }
  const crc = (~mirrored(Number(remainder), 32) & 0xffffffff) >>> 0;
  const swapped = new DataView(new ArrayBuffer(4));
  swapped.setUint32(0, crc, true);
  return swapped.getUint32(0);
}

describe('CRC32c', () => {
  // RFC 3720 §B.4, whose bytes are in the order of the wire.
  it.each([
    ['zeros', new Uint8Array(32), 0xaa36918a],
    ['ones', new Uint8Array(32).fill(0xff), 0x43aba862],
    ['bytes that count up', count(0, 1), 0x4e79dd46],
    ['bytes that count down', count(31, -1), 0x5cdb3f11],
    [
      'a SCSI read command',
      fromHex('01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000', ''),
      0x563a96d9,
    ],
  ])('of 32 or 48 %s is that of the RFC', (_what, bytes, crc) => {
    expect(of(bytes)).toBe(crc);
  });

  it('of "123456789" is the check value of the catalogue of CRC algorithms, its bytes turned round', () => {
    expect(of(new TextEncoder().encode('123456789'))).toBe(0x839206e3);
  });

  test.prop([fc.uint8Array({ maxLength: 80 })])('is that of a division bit by bit', (bytes) => {
    expect(of(bytes)).toBe(naive(bytes));
  });

  test.prop([fc.uint8Array({ maxLength: 80 }), fc.nat(80)])('of parts is that of the whole', (bytes, cut) => {
    const middle = Math.min(cut, bytes.length);
    const first = crc32cRemainder(view(bytes), 0, middle);
    expect(finishCrc32c(crc32cRemainder(view(bytes), middle, bytes.length - middle, first))).toBe(of(bytes));
  });
});
