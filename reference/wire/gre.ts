import { internetChecksum } from './checksum.ts';
import { ETHER_TYPE } from './ethernet.ts';
import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import type { GreFields, LayerOf } from './layer.ts';

/**
 * GRE (RFC 2784), as tunnels of VS/TUN use it: version 0, and no flag but C. What other flags announce is left in the payload.
 *
 * ```
 *  0       1       2       3
 *  +-+-----------+-+---------------+
 *  |C|           |v| protocol type |  0
 *  +-+-----------+-+---------------+
 *  |   checksum    |   reserved    |  4, with C
 *  +---------------+---------------+
 * ```
 */
export const GRE = { flags: 0, protocol: 2, checksum: 4, reserved: 6, headerLength: 4 } as const;

/** Bits of the word at `GRE.flags`. */
export const GRE_FLAG = { checksum: 0x8000, key: 0x2000, sequence: 0x1000, version: 0x0007 } as const;

export const GRE_FIELDS: FieldRanges<GreFields> = {
  flags: { offset: GRE.flags, length: 2 },
  protocol: { offset: GRE.protocol, length: 2 },
  checksum: { offset: GRE.checksum, length: 2 },
};

/** Bytes of a header with these flags. */
export function greLength(flags: number): number {
  return (flags & GRE_FLAG.checksum) === 0 ? GRE.headerLength : GRE.headerLength + 4;
}

/** Fields of the header whose first `length` bytes are there. */
export function parseGre(view: DataView, start: number, length: number): LayerOf<'gre'> {
  const flags = length < GRE.protocol ? 0 : view.getUint16(start + GRE.flags);
  const whole = greLength(flags);
  if (length < whole) return parseCutShort(parseGre, GRE_FIELDS, view, start, length, whole);
  return {
    kind: 'gre',
    flags,
    protocol: view.getUint16(start + GRE.protocol),
    ...((flags & GRE_FLAG.checksum) === 0 ? {} : { checksum: view.getUint16(start + GRE.checksum) }),
  };
}

/** Bytes of the header that {@link buildGre} writes. */
export function builtGreLength(fields: GreFields): number {
  return greLength(flagsOf(fields));
}

/**
 * Writes the header at `start`; what is tunnelled, already there, reaches from behind it to `end`. Left out: no flags, or C where a checksum
 * is stated; with C the checksum as it should be.
 */
export function buildGre(view: DataView, start: number, end: number, fields: GreFields, protocol: number): void {
  const flags = flagsOf(fields);
  view.setUint16(start + GRE.flags, checkedField('gre.flags', flags, 0xffff));
  view.setUint16(start + GRE.protocol, checkedField('gre.protocol', fields.protocol ?? protocol, 0xffff));
  if ((flags & GRE_FLAG.checksum) === 0) return;
  view.setUint32(start + GRE.checksum, 0);
  const checksum = fields.checksum ?? internetChecksum(view, start, end - start);
  view.setUint16(start + GRE.checksum, checkedField('gre.checksum', checksum, 0xffff));
}

function flagsOf({ flags, checksum }: GreFields): number {
  return flags ?? (checksum === undefined ? 0 : GRE_FLAG.checksum);
}

/** `gre`, `gre flags 0x8000`, and the protocol where it is not IP. */
export function describeGre({ flags, protocol }: GreFields): string {
  const words = ['gre'];
  if (flags !== undefined && flags !== 0) words.push(`flags 0x${flags.toString(16).padStart(4, '0')}`);
  if (protocol !== undefined && protocol !== ETHER_TYPE.ipv4) words.push(`protocol 0x${protocol.toString(16)}`);
  return words.join(' ');
}
