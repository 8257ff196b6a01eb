/**
 * CRC32c, the checksum of SCTP (RFC 9260 §6.8, appendix A): the Castagnoli polynomial 0x1EDC6F41 with the bits of every byte from the lowest
 * on, begun with all ones and complemented at the end. On the wire its lowest byte comes first, unlike every other number in a header.
 */

/** The polynomial with its bits from the lowest on, as bytes are read. */
const POLYNOMIAL = 0x82f63b78;

/** What each byte does to a remainder. */
const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    remainder = (remainder & 1) === 0 ? remainder >>> 1 : (remainder >>> 1) ^ POLYNOMIAL;
  }
  return remainder;
});

const ALL_ONES = -1;

/** The remainder, an int32, after `length` more bytes. Parts of one message are chained. */
export function crc32cRemainder(view: DataView, offset: number, length: number, before = ALL_ONES): number {
  let remainder = before;
  for (let position = offset; position < offset + length; position += 1) {
    remainder = (TABLE[(remainder ^ view.getUint8(position)) & 0xff] ?? 0) ^ (remainder >>> 8);
  }
  return remainder;
}

/** The checksum of a remainder as a uint32 that {@link DataView.setUint32} writes in the order of the wire. */
export function finishCrc32c(remainder: number): number {
  const crc = ~remainder;
  return ((crc << 24) | ((crc & 0xff00) << 8) | ((crc >>> 8) & 0xff00) | (crc >>> 24)) >>> 0;
}

/** {@link finishCrc32c} of one piece of bytes. */
export function crc32c(view: DataView, offset: number, length: number): number {
  return finishCrc32c(crc32cRemainder(view, offset, length));
}
