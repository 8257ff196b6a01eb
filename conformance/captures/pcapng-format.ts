/**
 * The pcapng capture format (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again.
 *
 * ```
 *   0 block type       section header   magic, version, section length, options
 *   4 total length     interface        link type, reserved, snaplen, options
 *   8 body, options    enhanced packet  interface, time high and low, bytes kept, bytes on the wire, bytes, options
 *  -4 total length     simple packet    bytes on the wire, bytes
 * ```
 *
 * A file may hold several sections, each in its own byte order and with its own interfaces.
 */
export const BLOCK = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  /**
   * Obsolete: an enhanced packet with 16 bits each for interface and lost frames. Old files have it, and to skip it
   * would lose frames.
   */
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
} as const;

/** The only link type here. */
export const ETHERNET = 1;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** The smallest block: type and two lengths. */
export const FRAMING = 12;

/** Option codes: section 3.5 of the draft for all blocks, 4.1 section header, 4.2 interface, 4.3 enhanced packet. */
export const OPTION = {
  end: 0,
  comment: 1,
  hardware: 2,
  operatingSystem: 3,
  application: 4,
  interfaceName: 2,
  timeResolution: 9,
  checkSequenceLength: 13,
  timeOffset: 14,
  packetFlags: 2,
} as const;

/** Bits 0 and 1 of the packet flags, by value. Bits 5 to 8 count the bytes of the frame check sequence. */
export const DIRECTIONS = [undefined, 'in', 'out', undefined] as const;
