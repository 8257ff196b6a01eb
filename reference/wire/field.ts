import { MalformedInput } from '../errors.ts';
import { parseIpv4, parseMac } from './address.ts';
import { parseIpv6 } from './ipv6-address.ts';

/** Where a field lies, in bytes from the start of its header. A length of Infinity: to the end of the layer. */
export interface FieldRange {
  readonly offset: number;
  readonly length: number;
}

/** The ranges of all fields of a layer. Bit fields share their bytes. */
export type FieldRanges<Fields> = { readonly [Name in keyof Required<Fields>]: FieldRange };

/**
 * `value` if it is a whole number from 0 to `maximum`; else throws MalformedInput naming the field, e.g.
 * `tcp.sourcePort`.
 */
export function checkedField(name: string, value: number, maximum: number): number {
  if (!Number.isInteger(value) || value < 0 || value > maximum) {
    throw new MalformedInput(`${name}: ${value} is not a whole number from 0 to ${maximum}`);
  }
  return value;
}

/** Like {@link checkedField} for a length that is stored in units of `unit` bytes. */
export function checkedMultiple(name: string, value: number, maximum: number, unit: number): number {
  if (checkedField(name, value, maximum) % unit !== 0) {
    throw new MalformedInput(`${name}: ${value} is not a multiple of ${unit}`);
  }
  return value;
}

/**
 * The uint32 of a dotted quad, 0.0.0.0 where it is left out; else throws MalformedInput naming the field and the text.
 */
export function checkedIpv4(name: string, text = '0.0.0.0'): number {
  return named(name, text, parseIpv4);
}

/** The 128 bits of an IPv6 address, `::` where it is left out; else throws MalformedInput naming the field and the text. */
export function checkedIpv6(name: string, text = '::'): bigint {
  return named(name, text, parseIpv6);
}

/**
 * The number of a MAC address, all zero where it is left out; else throws MalformedInput naming the field and the text.
 */
export function checkedMac(name: string, text = '00:00:00:00:00:00'): number {
  return named(name, text, parseMac);
}

function named<T>(name: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof MalformedInput) throw new MalformedInput(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** End of the last field that lies wholly within the first `available` bytes of a header; 0 where none does. */
export function wholeFieldsEnd(ranges: Readonly<Record<string, FieldRange>>, available: number): number {
  let end = 0;
  for (const range of Object.values(ranges)) {
    const rangeEnd = range.offset + range.length;
    if (rangeEnd <= available && rangeEnd > end) end = rangeEnd;
  }
  return end;
}

/**
 * Fields of a header of which only `available` of `whole` bytes are there: parses a copy padded with zeros and takes
 * away every field that reaches into the padding.
 */
export function parseCutShort<Fields extends object>(
  parse: (view: DataView, start: number, length: number) => Fields,
  ranges: Readonly<Record<string, FieldRange>>,
  view: DataView,
  start: number,
  available: number,
  whole: number,
): Fields {
  const padded = new DataView(new ArrayBuffer(whole));
  for (let index = 0; index < available; index += 1) padded.setUint8(index, view.getUint8(start + index));
  const fields = parse(padded, 0, whole);
  for (const [name, range] of Object.entries(ranges)) {
    if (range.offset + range.length > available) Reflect.deleteProperty(fields, name);
  }
  return fields;
}
