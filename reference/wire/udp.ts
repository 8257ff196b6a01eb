import { internetChecksum } from './checksum.ts';
import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import { PROTOCOL } from './ipv4.ts';
import type { UdpFields, LayerOf } from './layer.ts';

/**
 * UDP (RFC 768). `length` counts header and data.
 *
 * ```
 *  0       1       2       3
 *  +---------------+---------------+
 *  |  source port  |  dest. port   |  0
 *  +---------------+---------------+
 *  |    length     |   checksum    |  4
 *  +---------------+---------------+
 * ```
 */
export const UDP = { sourcePort: 0, destinationPort: 2, length: 4, checksum: 6, headerLength: 8 } as const;

export const UDP_FIELDS: FieldRanges<UdpFields> = {
  sourcePort: { offset: UDP.sourcePort, length: 2 },
  destinationPort: { offset: UDP.destinationPort, length: 2 },
  length: { offset: UDP.length, length: 2 },
  checksum: { offset: UDP.checksum, length: 2 },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseUdp(view: DataView, start: number, length: number): LayerOf<'udp'> {
  if (length < UDP.headerLength) return parseCutShort(parseUdp, UDP_FIELDS, view, start, length, UDP.headerLength);
  return {
    kind: 'udp',
    sourcePort: view.getUint16(start + UDP.sourcePort),
    destinationPort: view.getUint16(start + UDP.destinationPort),
    length: view.getUint16(start + UDP.length),
    checksum: view.getUint16(start + UDP.checksum),
  };
}

/**
 * Writes the header at `start`; the data, already there, reach from behind it to `end`. `addresses` is the
 * partial sum of the addresses of the pseudo header. Left out: ports 0, length and checksum as they should be.
 */
export function buildUdp(view: DataView, start: number, end: number, fields: UdpFields, addresses: number): void {
  view.setUint16(start + UDP.sourcePort, checkedField('udp.sourcePort', fields.sourcePort ?? 0, 0xffff));
  view.setUint16(start + UDP.destinationPort, checkedField('udp.destinationPort', fields.destinationPort ?? 0, 0xffff));
  view.setUint16(start + UDP.length, checkedField('udp.length', fields.length ?? end - start, 0xffff));
  view.setUint16(start + UDP.checksum, 0);
  // The bytes there are, not the stated length, as for kernel ip_vs_proto_udp.c:udp_csum_check.
  const pseudoHeader = addresses + PROTOCOL.udp + (end - start);
  const checksum = udpChecksum(internetChecksum(view, start, end - start, pseudoHeader));
  view.setUint16(start + UDP.checksum, checkedField('udp.checksum', fields.checksum ?? checksum, 0xffff));
}

/**
 * How a computed or adjusted checksum is written: zero would mean "no checksum", its other form is 0xffff (RFC 768).
 */
export function udpChecksum(checksum: number): number {
  return checksum === 0 ? 0xffff : checksum;
}

/** `udp length 12`, and `no-checksum` where it is zero. */
export function describeUdp(fields: UdpFields): string {
  const words = ['udp'];
  if (fields.length !== undefined) words.push(`length ${fields.length}`);
  if (fields.checksum === 0) words.push('no-checksum');
  return words.join(' ');
}
