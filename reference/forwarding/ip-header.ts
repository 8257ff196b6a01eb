import { adjust16, adjust32, internetChecksum } from '../wire/checksum.ts';
import { writeAddress, type Address } from '../wire/ip-address.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** The end of a packet that an address belongs to. */
export type Side = 'source' | 'destination';

/** An IPv4 header. */
export interface Header {
  readonly source: Address;
  readonly destination: Address;
  readonly protocol: number;
  readonly tos: number;
  readonly ttl: number;
  readonly id: number;
  readonly dontFragment: boolean;
}

/** Writes an IPv4 header of 20 bytes at the packet's start for all that stands between there and its end. */
export function writeHeader(packet: PacketBuffer, header: Header): void {
  const { view, start, end } = packet;
  view.setUint8(start + IPV4.versionAndLength, 0x45);
  view.setUint8(start + IPV4.tos, header.tos);
  view.setUint16(start + IPV4.totalLength, end - start);
  view.setUint16(start + IPV4.id, header.id);
  view.setUint16(start + IPV4.fragment, header.dontFragment ? 0x4000 : 0);
  view.setUint8(start + IPV4.ttl, header.ttl);
  view.setUint8(start + IPV4.protocol, header.protocol);
  view.setUint16(start + IPV4.checksum, 0);
  writeAddress(view, start + IPV4.source, header.source);
  writeAddress(view, start + IPV4.destination, header.destination);
  view.setUint16(start + IPV4.checksum, internetChecksum(view, start, IPV4.headerLength));
  packet.headerIsNew(4);
}

/** Writes a 16-bit field of the IP header at `start` and adjusts the header checksum (RFC 1624). */
export function rewriteHeader16(view: DataView, start: number, field: number, value: number): void {
  const checksum = adjust16(view.getUint16(start + IPV4.checksum), view.getUint16(start + field), value);
  view.setUint16(start + field, value);
  view.setUint16(start + IPV4.checksum, checksum);
}

/**
 * Writes an address of the IP header and adjusts the checksum that IPv4 has there. Returns what becomes of `checksum`, one that covers
 * a pseudo header.
 */
export function rewriteAddress(packet: PacketBuffer, side: Side, address: Address, checksum: number): number {
  const { view, start, family } = packet;
  if (family === 6) return rewriteIpv6Address(view, start + IPV6[side], address, checksum);
  const field = start + IPV4[side];
  const before = view.getUint32(field);
  writeAddress(view, field, address);
  const after = view.getUint32(field);
  view.setUint16(start + IPV4.checksum, adjust32(view.getUint16(start + IPV4.checksum), before, after));
  return adjust32(checksum, before, after);
}

/** Writes an address and returns what becomes of a checksum that covers it. */
function rewriteIpv6Address(view: DataView, field: number, address: Address, checksum: number): number {
  const before = [0, 4, 8, 12].map((word) => view.getUint32(field + word));
  writeAddress(view, field, address);
  return before.reduce(
    (adjusted, word, index) => adjust32(adjusted, word, view.getUint32(field + 4 * index)),
    checksum,
  );
}

/** Makes the header state the packet's length, which has changed. */
export function rewriteLength({ view, start, length, family }: PacketBuffer): void {
  if (family === 4) rewriteHeader16(view, start, IPV4.totalLength, length);
  else view.setUint16(start + IPV6.payloadLength, length - IPV6.headerLength);
}

/** RFC 1812 §5.3.1, RFC 8200 §3: a forwarder takes one from the TTL, or from the hop limit. */
export function decrementTtl({ view, start, family }: PacketBuffer): void {
  if (family === 4) rewriteHeader16(view, start, IPV4.ttl, view.getUint16(start + IPV4.ttl) - 0x0100);
  else view.setUint8(start + IPV6.hopLimit, view.getUint8(start + IPV6.hopLimit) - 1);
}
