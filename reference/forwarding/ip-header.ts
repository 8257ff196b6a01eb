import { adjust16, adjust32, internetChecksum } from '../wire/checksum.ts';
import { IPV4 } from '../wire/ipv4.ts';
import type { PacketBuffer } from './packet-buffer.ts';

export interface Header {
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly tos: number;
  readonly ttl: number;
  readonly id: number;
  readonly dontFragment: boolean;
}

/** Writes a header of 20 bytes at the packet's start for all that stands between there and its end. */
export function writeHeader({ view, start, end }: PacketBuffer, header: Header): void {
  view.setUint8(start + IPV4.versionAndLength, 0x45);
  view.setUint8(start + IPV4.tos, header.tos);
  view.setUint16(start + IPV4.totalLength, end - start);
  view.setUint16(start + IPV4.id, header.id);
  view.setUint16(start + IPV4.fragment, header.dontFragment ? 0x4000 : 0);
  view.setUint8(start + IPV4.ttl, header.ttl);
  view.setUint8(start + IPV4.protocol, header.protocol);
  view.setUint16(start + IPV4.checksum, 0);
  view.setUint32(start + IPV4.source, header.source);
  view.setUint32(start + IPV4.destination, header.destination);
  view.setUint16(start + IPV4.checksum, internetChecksum(view, start, IPV4.headerLength));
}

/** Writes a 16-bit field of the IP header at `start` and adjusts the header checksum (RFC 1624). */
export function rewriteHeader16(view: DataView, start: number, field: number, value: number): void {
  const checksum = adjust16(view.getUint16(start + IPV4.checksum), view.getUint16(start + field), value);
  view.setUint16(start + field, value);
  view.setUint16(start + IPV4.checksum, checksum);
}

/** Writes an address field of the IP header and adjusts the header checksum. Returns the address that stood there. */
export function rewriteAddress(packet: PacketBuffer, field: number, address: number): number {
  const { view, start } = packet;
  const before = view.getUint32(start + field);
  view.setUint32(start + field, address);
  view.setUint16(start + IPV4.checksum, adjust32(view.getUint16(start + IPV4.checksum), before, address));
  return before;
}

/** RFC 1812 §5.3.1: a forwarder takes one from the TTL. */
export function decrementTtl({ view, start }: PacketBuffer): void {
  rewriteHeader16(view, start, IPV4.ttl, view.getUint16(start + IPV4.ttl) - 0x0100);
}
