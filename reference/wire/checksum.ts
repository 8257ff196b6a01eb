import type { Address } from './ip-address.ts';

/**
 * The Internet checksum (RFC 1071) and its incremental update (RFC 1624).
 *
 * One's complement has two zeros, and both 0x0000 and 0xffff stand in the checksum field for "the words add up to
 * zero":
 * - Computed from the bytes, the field is 0xffff only if every byte summed is zero, and 0x0000 if the words add up to
 *   0xffff. TCP, UDP and IPv4 sums are never of zeros alone (protocol number, version); an ICMP echo reply may be.
 * - Updated with {@link adjust16} or {@link adjust32}, the field is never 0xffff. That equals the computed one for all
 *   bytes but all-zero ones, and makes an incoming 0xffff give the same result as 0x0000, as the kernel does, whose
 *   update adds to a 32-bit sum that is never zero (kernel net/netfilter/ipvs/ip_vs_proto_tcp.c:tcp_fast_csum_update).
 * - UDP alone gives 0x0000 a meaning of its own, "no checksum": see {@link udpChecksum} in udp.ts.
 */

/** 16384 words of 0xffff and a folded carry stay below 2^31: the sum of a block is an int32, the fastest of numbers. */
const BLOCK = 0x8000;

/**
 * Adds `length` bytes as big-endian 16-bit words to the partial sum `initial`, a uint32. An odd last byte is the high
 * half of a word, so only the last of several chained parts may be odd. The result is below 2^17; {@link finish} makes
 * the checksum of it.
 */
export function sum(view: DataView, offset: number, length: number, initial = 0): number {
  let total = (initial & 0xffff) + (initial >>> 16);
  let position = offset;
  const end = offset + length;
  while (position + 2 <= end) {
    const pause = Math.min(end, position + BLOCK);
    for (const last = pause - 16; position <= last; position += 16) {
      const first = view.getInt32(position);
      const second = view.getInt32(position + 4);
      const third = view.getInt32(position + 8);
      const fourth = view.getInt32(position + 12);
      const highs = (first >>> 16) + (second >>> 16) + (third >>> 16) + (fourth >>> 16);
      const lows = (first & 0xffff) + (second & 0xffff) + (third & 0xffff) + (fourth & 0xffff);
      total = (total + highs + lows) | 0;
    }
    for (; position + 2 <= pause; position += 2) total += view.getUint16(position);
    total = (total & 0xffff) + (total >>> 16);
  }
  if (position < end) total += view.getUint8(position) << 8;
  return (total & 0xffff) + (total >>> 16);
}

/** The checksum for a partial sum below 2^32: folded to 16 bits and complemented. */
export function finish(total: number): number {
  const once = (total & 0xffff) + (total >>> 16);
  return ~(once + (once >>> 16)) & 0xffff;
}

/** Checksum of `length` bytes and a partial sum. Zero over bytes that hold their own right checksum. */
export function internetChecksum(view: DataView, offset: number, length: number, initial = 0): number {
  return finish(sum(view, offset, length, initial));
}

/** Partial sum of an address of either family. */
export function addressSum(address: Address): number {
  if (typeof address === 'number') return (address >>> 16) + (address & 0xffff);
  let total = 0;
  for (let left = address; left > 0n; left >>= 16n) total += Number(left & 0xffffn);
  return total;
}

/**
 * Partial sum of the TCP and UDP pseudo header (RFC 9293 §3.1, RFC 768).
 * Addresses are host-order uint32; `length` is that of header and data in bytes.
 */
export function pseudoHeaderSum(source: number, destination: number, protocol: number, length: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
}

/**
 * The checksum after one 16-bit word of what it covers became `after` instead of `before`: RFC 1624 eqn. 3, HC' =
 * ~(~HC + ~m + m'). A wrong checksum stays wrong. Never 0xffff (see above). For a field at an odd offset swap the bytes
 * of both values.
 */
export function adjust16(checksum: number, before: number, after: number): number {
  // 0xffff is one's complement zero: it changes no sum, except that a sum of zeros alone ends as 0xffff.
  return finish(0xffff + (~checksum & 0xffff) + (~before & 0xffff) + after);
}

/** {@link adjust16} for a field of 32 bits, e.g. an address; values are uint32. */
export function adjust32(checksum: number, before: number, after: number): number {
  return finish(
    0xffff + (~checksum & 0xffff) + (~before >>> 16) + (~before & 0xffff) + (after >>> 16) + (after & 0xffff),
  );
}
