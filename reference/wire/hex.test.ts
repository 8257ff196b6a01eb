import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, hexDigit, toHex } from './hex.ts';

describe('hexadecimal text', () => {
  it('is two lower-case digits a byte', () => {
    expect(toHex(Uint8Array.of(0x00, 0x0f, 0xa5, 0xff))).toBe('000fa5ff');
  });

  it('is read in either case', () => expect(fromHex('aB0F', 'x')).toEqual(Uint8Array.of(0xab, 0x0f)));

  test.prop([fc.uint8Array()])('comes back as the same bytes, and as Buffer reads it', (bytes) => {
    expect(fromHex(toHex(bytes), 'x')).toEqual(bytes);
    expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
  });

  it.each(['0', 'abc', '0g', 'xx', ' 00', '0x00', '00 ', '0٣'])('is refused as %j, naming place and text', (text) => {
    const read = () => fromHex(text, 'payload.data');
    expect(read).toThrow(MalformedInput);
    expect(read).toThrow(`payload.data: '${text}'`);
  });

  test.prop([fc.nat(0xffff)])('has the digits that parseInt knows', (code) => {
    const text = String.fromCharCode(code);
    expect(hexDigit(code)).toBe(/[0-9a-f]/i.test(text) ? Number.parseInt(text, 16) : Number.NaN);
  });
});
