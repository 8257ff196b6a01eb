import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildGre, builtGreLength, describeGre, parseGre } from './gre.ts';
import { fromHex, toHex } from './hex.ts';
import type { GreFields } from './layer.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` behind it. */
function build(fields: GreFields, data = ''): string {
  const length = builtGreLength(fields);
  const bytes = new Uint8Array(length + data.length / 2).fill(0xa5);
  bytes.set(fromHex(data, 'data'), length);
  buildGre(view(bytes), 0, bytes.length, fields, 0x0800);
  return toHex(bytes.subarray(0, length));
}

describe('a GRE header', () => {
  it('has four bytes, and eight with a checksum', () => {
    expect(build({})).toBe('00000800');
    // 0x8000 + 0x0800 + 0x1234 + 0x5600, folded and complemented.
    expect(build({ flags: 0x8000 }, '123456')).toBe('8000080' + '00fcb0000');
    expect(build({ checksum: 0xbad0 }, '123456')).toBe('80000800bad00000');
  });

  it('is parsed with the checksum only where its flag is set', () => {
    const bytes = view(fromHex('80000800bad00000', ''));
    expect(parseGre(bytes, 0, 8)).toEqual({ kind: 'gre', flags: 0x8000, protocol: 0x0800, checksum: 0xbad0 });
    expect(parseGre(view(fromHex('000086dd4500', '')), 0, 4)).toEqual({ kind: 'gre', flags: 0, protocol: 0x86dd });
  });

  it.each([
    [1, []],
    [2, ['flags']],
    [5, ['flags', 'protocol']],
    [6, ['flags', 'protocol', 'checksum']],
  ])('with a checksum, cut short to %d bytes, has the fields %j', (length, fields) => {
    const bytes = view(fromHex('80000800bad00000', ''));
    expect(Object.keys(parseGre(bytes, 0, length))).toEqual(['kind', ...fields]);
  });

  it.each([
    [{ flags: 0x10000 }, 'gre.flags: 65536'],
    [{ protocol: -1 }, 'gre.protocol: -1'],
    [{ checksum: 65536 }, 'gre.checksum: 65536'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ flags: 0, protocol: 0x0800 }, 'gre'],
    [{ flags: 0xa000, protocol: 0x880b }, 'gre flags 0xa000 protocol 0x880b'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeGre(fields)).toBe(text);
  });
});
