import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import { buildFragment, describeFragment, parseFragment } from './ipv6-fragment.ts';
import type { FragmentFields } from './layer.ts';

// The fragment headers of a UDP datagram of 2,000 bytes that Linux 6.18 sent.
const FIRST = '110000013a265436';
const LAST = '110005a83a265436';
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: FragmentFields): string {
  const bytes = new Uint8Array(8).fill(0xa5);
  buildFragment(view(bytes), 0, fields, 17);
  return toHex(bytes);
}

describe('a fragment header', () => {
  it.each([
    [FIRST, { offset: 0, mf: true, id: 0x3a265436 }],
    [LAST, { offset: 1448, mf: false, id: 0x3a265436 }],
    ['1100fff900000000', { offset: 65528, mf: true, id: 0 }],
  ])('%s is read and written', (hex, fields) => {
    expect(parseFragment(view(fromHex(`a5${hex}`, '')), 1, 8)).toEqual({ kind: 'fragment', nextHeader: 17, ...fields });
    expect(build(fields)).toBe(hex);
  });

  it('without fields is that of an atomic fragment', () => expect(build({})).toBe('1100000012345678'));

  it('takes no notice of the reserved bits', () => {
    expect(parseFragment(view(fromHex('11ff000600000000', '')), 0, 8)).toMatchObject({ offset: 0, mf: false });
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseFragment(view(fromHex(LAST, '')), 0, 4)).toEqual({
      kind: 'fragment',
      nextHeader: 17,
      offset: 1448,
      mf: false,
    });
    expect(parseFragment(view(fromHex(LAST, '')), 0, 3)).toEqual({ kind: 'fragment', nextHeader: 17 });
  });

  it.each([
    [{ offset: 12 }, 'fragment.offset: 12 is not a multiple of 8'],
    [{ offset: 65536 }, 'fragment.offset: 65536'],
    [{ id: 2 ** 32 }, 'fragment.id: 4294967296'],
    [{ nextHeader: 256 }, 'fragment.nextHeader: 256'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it('is described with offset and id', () => {
    expect(describeFragment({ id: 7, offset: 0, mf: true })).toBe('fragment id 7 offset 0 mf');
    expect(describeFragment({ id: 7, offset: 1448, mf: false })).toBe('fragment id 7 offset 1448');
    expect(describeFragment({})).toBe('fragment id ? offset ?');
  });
});
