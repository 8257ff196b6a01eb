import { checkedField, checkedMultiple, parseCutShort, type FieldRanges } from './field.ts';
import type { FragmentFields, LayerOf } from './layer.ts';

/**
 * The fragment header (RFC 8200 §4.5). The word at `fragment` holds, from the high bit: 13 bits of offset in units of 8
 * bytes, two reserved, M.
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+-----------+---+
 *  | next  |reser- |  offset   |0 M|  0
 *  | header|ved    |           |   |
 *  +-------+-------+-----------+---+
 *  |              id               |  4
 *  +-------------------------------+
 * ```
 */
export const FRAGMENT_HEADER = { nextHeader: 0, reserved: 1, fragment: 2, id: 4, headerLength: 8 } as const;

/** Bits of the word at `FRAGMENT_HEADER.fragment`; with the low three bits cleared it is the offset in bytes. */
export const FRAGMENT_WORD = { offsetMask: 0xfff8, mf: 0x0001 } as const;

export const FRAGMENT_FIELDS: FieldRanges<FragmentFields> = {
  nextHeader: { offset: FRAGMENT_HEADER.nextHeader, length: 1 },
  offset: { offset: FRAGMENT_HEADER.fragment, length: 2 },
  mf: { offset: FRAGMENT_HEADER.fragment + 1, length: 1 },
  id: { offset: FRAGMENT_HEADER.id, length: 4 },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseFragment(view: DataView, start: number, length: number): LayerOf<'fragment'> {
  if (length < FRAGMENT_HEADER.headerLength) {
    return parseCutShort(parseFragment, FRAGMENT_FIELDS, view, start, length, FRAGMENT_HEADER.headerLength);
  }
  const word = view.getUint16(start + FRAGMENT_HEADER.fragment);
  return {
    kind: 'fragment',
    nextHeader: view.getUint8(start + FRAGMENT_HEADER.nextHeader),
    offset: word & FRAGMENT_WORD.offsetMask,
    mf: (word & FRAGMENT_WORD.mf) !== 0,
    id: view.getUint32(start + FRAGMENT_HEADER.id),
  };
}

/**
 * Writes the header at `start`. Left out: `nextHeader` for what follows, id 0x12345678, offset 0 and no more fragments:
 * an atomic fragment (RFC 6946).
 */
export function buildFragment(view: DataView, start: number, fields: FragmentFields, nextHeader: number): void {
  const offset = checkedMultiple('fragment.offset', fields.offset ?? 0, FRAGMENT_WORD.offsetMask, 8);
  view.setUint8(
    start + FRAGMENT_HEADER.nextHeader,
    checkedField('fragment.nextHeader', fields.nextHeader ?? nextHeader, 0xff),
  );
  view.setUint8(start + FRAGMENT_HEADER.reserved, 0);
  view.setUint16(start + FRAGMENT_HEADER.fragment, offset | ((fields.mf ?? false) ? FRAGMENT_WORD.mf : 0));
  view.setUint32(start + FRAGMENT_HEADER.id, checkedField('fragment.id', fields.id ?? 0x1234_5678, 0xffff_ffff));
}

/** `fragment id 305419896 offset 1448 mf` */
export function describeFragment({ id, offset, mf }: FragmentFields): string {
  return `fragment id ${id ?? '?'} offset ${offset ?? '?'}${mf === true ? ' mf' : ''}`;
}
