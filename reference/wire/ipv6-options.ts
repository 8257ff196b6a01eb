import { checkedField, checkedMultiple, parseCutShort, type FieldRanges } from './field.ts';
import { fromHex } from './hex.ts';
import type { ExtensionFields, LayerOf } from './layer.ts';
import { buildOptions, hexOptions } from './options.ts';

/**
 * The hop-by-hop and the destination options header (RFC 8200 §4.3, §4.6). They look the same: the number by which the
 * header before names them tells them apart. The length is stored in units of 8 bytes, the first one not counted.
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+---------------+
 *  | next  |length |               |  0
 *  | header|       |               |
 *  +-------+-------+               +
 *  |  options, to a multiple of 8  |  4
 * ```
 */
export const EXTENSION = { nextHeader: 0, length: 1, options: 2, unit: 8, maximum: 2048 } as const;

export const EXTENSION_FIELDS: FieldRanges<ExtensionFields> = {
  nextHeader: { offset: EXTENSION.nextHeader, length: 1 },
  headerLength: { offset: EXTENSION.length, length: 1 },
  options: { offset: EXTENSION.options, length: Infinity },
};

/** Bytes of an extension header as it states them itself; only the fragment header does not. */
export function statedLength(view: DataView, start: number): number {
  return (view.getUint8(start + EXTENSION.length) + 1) * EXTENSION.unit;
}

export function parseHopByHop(view: DataView, start: number, length: number): LayerOf<'hopByHop'> {
  return { kind: 'hopByHop', ...parseExtension(view, start, length) };
}

export function parseDestinationOptions(view: DataView, start: number, length: number): LayerOf<'destinationOptions'> {
  return { kind: 'destinationOptions', ...parseExtension(view, start, length) };
}

/** Fields of the header whose first `length` bytes are there. */
function parseExtension(view: DataView, start: number, length: number): ExtensionFields {
  if (length < EXTENSION.options) {
    return parseCutShort(parseExtension, EXTENSION_FIELDS, view, start, length, EXTENSION.options);
  }
  const headerLength = statedLength(view, start);
  return {
    nextHeader: view.getUint8(start + EXTENSION.nextHeader),
    headerLength,
    ...(headerLength === length && { options: hexOptions(view, start + EXTENSION.options, start + length) }),
  };
}

/** Bytes of the header that {@link buildExtension} writes. */
export function extensionLength(kind: 'hopByHop' | 'destinationOptions', { options = '' }: ExtensionFields): number {
  return paddedExtension(`${kind}.options`, EXTENSION.options, options);
}

/** Bytes of an extension header: `fixed` ones, data, and the padding to a multiple of 8. */
export function paddedExtension(place: string, fixed: number, data: string): number {
  const length = Math.ceil((fixed + fromHex(data, place).length) / EXTENSION.unit) * EXTENSION.unit;
  checkedField(place.replace(/\..*/, '.headerLength'), length, EXTENSION.maximum);
  return length;
}

/** Writes the header at `start`. Left out: `nextHeader` for what follows, and padding (RFC 8200 §4.2, Pad1) to 8 bytes. */
export function buildExtension(
  view: DataView,
  start: number,
  kind: 'hopByHop' | 'destinationOptions',
  fields: ExtensionFields,
  nextHeader: number,
): void {
  const length = extensionLength(kind, fields);
  buildStart(view, start, kind, fields, length, nextHeader);
  buildOptions(view, start + EXTENSION.options, start + length, fields.options);
}

/** Writes the two bytes that extension headers begin with. */
export function buildStart(
  view: DataView,
  start: number,
  kind: string,
  fields: ExtensionFields,
  length: number,
  nextHeader: number,
): void {
  const { headerLength = length } = fields;
  const units =
    checkedMultiple(`${kind}.headerLength`, headerLength, EXTENSION.maximum, EXTENSION.unit) / EXTENSION.unit;
  view.setUint8(
    start + EXTENSION.nextHeader,
    checkedField(`${kind}.nextHeader`, fields.nextHeader ?? nextHeader, 0xff),
  );
  view.setUint8(start + EXTENSION.length, checkedField(`${kind}.headerLength`, units - 1, 0xff));
}

/** `hop-by-hop 050200000100`, `destination-options` */
export function describeExtension(kind: 'hopByHop' | 'destinationOptions', { options = '' }: ExtensionFields): string {
  const name = kind === 'hopByHop' ? 'hop-by-hop' : 'destination-options';
  return options === '' ? name : `${name} ${options}`;
}
