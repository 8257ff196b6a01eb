import { crc32cRemainder, finishCrc32c } from './crc32c.ts';
import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import type { LayerOf, SctpFields } from './layer.ts';

/**
 * The common header of SCTP (RFC 9260 §3.1). Chunks follow: see sctp-chunk.ts. `checksum` is the CRC32c of header and chunks with zeros in
 * its own place; its number is that of the four bytes as they stand there.
 *
 * ```
 *  0       1       2       3
 *  +---------------+---------------+
 *  |  source port  |  dest. port   |  0
 *  +---------------+---------------+
 *  |       verification tag        |  4
 *  +-------------------------------+
 *  |           checksum            |  8
 *  +-------------------------------+
 * ```
 */
export const SCTP = { sourcePort: 0, destinationPort: 2, verificationTag: 4, checksum: 8, headerLength: 12 } as const;

export const SCTP_FIELDS: FieldRanges<SctpFields> = {
  sourcePort: { offset: SCTP.sourcePort, length: 2 },
  destinationPort: { offset: SCTP.destinationPort, length: 2 },
  verificationTag: { offset: SCTP.verificationTag, length: 4 },
  checksum: { offset: SCTP.checksum, length: 4 },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseSctp(view: DataView, start: number, length: number): LayerOf<'sctp'> {
  if (length < SCTP.headerLength) return parseCutShort(parseSctp, SCTP_FIELDS, view, start, length, SCTP.headerLength);
  return {
    kind: 'sctp',
    sourcePort: view.getUint16(start + SCTP.sourcePort),
    destinationPort: view.getUint16(start + SCTP.destinationPort),
    verificationTag: view.getUint32(start + SCTP.verificationTag),
    checksum: view.getUint32(start + SCTP.checksum),
  };
}

/**
 * Writes the header at `start`; the chunks, already there, reach from behind it to `end`. Left out: the checksum as it should be, all else
 * zero.
 */
export function buildSctp(view: DataView, start: number, end: number, fields: SctpFields): void {
  view.setUint16(start + SCTP.sourcePort, checkedField('sctp.sourcePort', fields.sourcePort ?? 0, 0xffff));
  view.setUint16(
    start + SCTP.destinationPort,
    checkedField('sctp.destinationPort', fields.destinationPort ?? 0, 0xffff),
  );
  view.setUint32(
    start + SCTP.verificationTag,
    checkedField('sctp.verificationTag', fields.verificationTag ?? 0, 0xffff_ffff),
  );
  const checksum = fields.checksum ?? sctpChecksum(view, start, end);
  view.setUint32(start + SCTP.checksum, checkedField('sctp.checksum', checksum, 0xffff_ffff));
}

const NOTHING = new DataView(new ArrayBuffer(4));

/** The checksum that belongs into the packet from `start` to `end`, whatever stands in its place now. */
export function sctpChecksum(view: DataView, start: number, end: number): number {
  const ports = crc32cRemainder(view, start, SCTP.checksum);
  const zeros = crc32cRemainder(NOTHING, 0, 4, ports);
  const chunks = start + SCTP.headerLength;
  return finishCrc32c(crc32cRemainder(view, chunks, end - chunks, zeros));
}

/** `sctp tag 0x1234abcd` */
export function describeSctp({ verificationTag }: SctpFields): string {
  return verificationTag === undefined ? 'sctp' : `sctp tag 0x${verificationTag.toString(16).padStart(8, '0')}`;
}
