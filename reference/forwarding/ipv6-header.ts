import { writeAddress, type Address } from '../wire/ip-address.ts';
import { IPV6 } from '../wire/ipv6.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** An IPv6 header. */
export interface Ipv6Header {
  readonly source: Address;
  readonly destination: Address;
  readonly nextHeader: number;
  readonly trafficClass: number;
  readonly hopLimit: number;
}

/** Writes a header of 40 bytes at the packet's start for all that stands between there and its end. */
export function writeIpv6Header(packet: PacketBuffer, header: Ipv6Header): void {
  const { view, start, end } = packet;
  view.setUint32(start + IPV6.versionClassFlow, (6 << 28) | (header.trafficClass << 20));
  view.setUint16(start + IPV6.payloadLength, end - start - IPV6.headerLength);
  view.setUint8(start + IPV6.nextHeader, header.nextHeader);
  view.setUint8(start + IPV6.hopLimit, header.hopLimit);
  writeAddress(view, start + IPV6.source, header.source);
  writeAddress(view, start + IPV6.destination, header.destination);
  packet.headerIsNew(6);
}
