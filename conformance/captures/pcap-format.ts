/**
 * The classic capture format (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records.
 *
 * ```
 *   file header                                record header
 *    0 magic: byte order and time unit          0 seconds since 1970
 *    4 version major, minor (16 bits each)      4 microseconds or nanoseconds
 *    8 two unused words                         8 bytes kept
 *   16 snaplen                                 12 bytes on the wire
 *   20 link type, check sequence bits          16 the bytes kept
 * ```
 */
export const PCAP = {
  microseconds: 0xa1b2c3d4,
  nanoseconds: 0xa1b23c4d,
  major: 2,
  minor: 4,
  ethernet: 1,
  /** In the link type word: the highest 4 bits count the check sequence in units of 2 bytes. */
  checkSequencePresent: 0x04000000,
  fileHeader: 24,
  recordHeader: 16,
} as const;
