import { checkedField, checkedMultiple, parseCutShort, type FieldRanges } from './field.ts';
import type { GueFields, LayerOf } from './layer.ts';
import { buildOptions, hexOptions, paddedLength } from './options.ts';

/**
 * Generic UDP encapsulation (draft-ietf-intarea-gue-09 §3.1), the data of a UDP datagram. Options, as its flags announce them, follow; their
 * length is stored in words.
 *
 * ```
 *  0       1       2       3
 *  +-+-+---+-------+---------------+
 *  |v|c|len| proto |     flags     |  0
 *  +-------+-------+---------------+
 *  |            options            |  4
 * ```
 */
export const GUE = { versionAndLength: 0, protocol: 1, flags: 2, headerLength: 4 } as const;

/** IANA "Service Name and Transport Protocol Port Number": the port by which GUE is known. */
export const GUE_PORT = 6080;

const CONTROL = 0x20;
const LENGTH_MASK = 0x1f;

export const GUE_FIELDS: FieldRanges<GueFields> = {
  version: { offset: GUE.versionAndLength, length: 1 },
  control: { offset: GUE.versionAndLength, length: 1 },
  headerLength: { offset: GUE.versionAndLength, length: 1 },
  protocol: { offset: GUE.protocol, length: 1 },
  flags: { offset: GUE.flags, length: 2 },
  options: { offset: GUE.headerLength, length: Infinity },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseGue(view: DataView, start: number, length: number): LayerOf<'gue'> {
  if (length < GUE.headerLength) return parseCutShort(parseGue, GUE_FIELDS, view, start, length, GUE.headerLength);
  const first = view.getUint8(start + GUE.versionAndLength);
  const headerLength = statedGueLength(view, start);
  const layer: LayerOf<'gue'> = {
    kind: 'gue',
    version: first >>> 6,
    control: (first & CONTROL) !== 0,
    headerLength,
    protocol: view.getUint8(start + GUE.protocol),
    flags: view.getUint16(start + GUE.flags),
    options: hexOptions(view, start + GUE.headerLength, start + length),
  };
  if (headerLength > length) Reflect.deleteProperty(layer, 'options'); // cut short
  return layer;
}

/** Bytes of the header, by its own account. */
export function statedGueLength(view: DataView, start: number): number {
  return GUE.headerLength + (view.getUint8(start + GUE.versionAndLength) & LENGTH_MASK) * 4;
}

/** Whether what follows the header is a packet of its protocol: data in version 0. */
export function isGueData(view: DataView, start: number): boolean {
  return (view.getUint8(start + GUE.versionAndLength) & ~LENGTH_MASK) === 0;
}

/** Bytes of the header that {@link buildGue} writes. */
export function gueLength({ options }: GueFields): number {
  return GUE.headerLength + paddedLength('gue.options', options);
}

/** Writes the header at `start`. Left out: data in version 0 of this protocol, no flags, no options. */
export function buildGue(view: DataView, start: number, fields: GueFields, protocol: number): void {
  const length = gueLength(fields);
  const stated = checkedMultiple('gue.headerLength', fields.headerLength ?? length, GUE.headerLength + 31 * 4, 4);
  const version = checkedField('gue.version', fields.version ?? 0, 3);
  const words = (stated - GUE.headerLength) / 4;
  view.setUint8(start + GUE.versionAndLength, (version << 6) | (fields.control === true ? CONTROL : 0) | words);
  view.setUint8(start + GUE.protocol, checkedField('gue.protocol', fields.protocol ?? protocol, 0xff));
  view.setUint16(start + GUE.flags, checkedField('gue.flags', fields.flags ?? 0, 0xffff));
  buildOptions(view, start + GUE.headerLength, start + length, fields.options);
}

/** `gue`, and what is not as usual. */
export function describeGue({ version, control, protocol, flags, options }: GueFields): string {
  const words = ['gue'];
  if (version !== undefined && version !== 0) words.push(`version ${version}`);
  if (control === true) words.push(`control ${protocol ?? '?'}`);
  if (flags !== undefined && flags !== 0) words.push(`flags 0x${flags.toString(16).padStart(4, '0')}`);
  if (options !== undefined && options !== '') words.push(`options ${options}`);
  return words.join(' ');
}
