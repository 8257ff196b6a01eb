import { isIpv6, type Address } from '../wire/ip-address.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { writeHeader } from './ip-header.ts';
import { writeIpv6Header } from './ipv6-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Bytes of the IP header that is put before a packet to reach this server. */
export function outerLength(server: Address): number {
  return isIpv6(server) ? IPV6.headerLength : IPV4.headerLength;
}

export interface OuterHeader {
  /** The director's address towards the server. */
  readonly source: Address;
  /** The real server (paper P22). Its family is the outer header's. */
  readonly destination: Address;
  readonly dontFragment: boolean;
  readonly id: number;
}

/** Wraps the packet whole in another IP packet (RFC 2003 §3.1, RFC 2473 §3; ip_vs_xmit.c:ip_vs_tunnel_xmit). */
export function encapsulate(packet: PacketBuffer, outer: OuterHeader): void {
  const { tos, ttl, family } = packet;
  const { source, destination, dontFragment, id } = outer;
  const protocol = family === 4 ? PROTOCOL.ipip : PROTOCOL.ipv6;
  // "Congestion experienced" belongs to the inner packet alone; outside it travels as "capable" (RFC 3168 §9.1.1).
  const outerTos = (tos & 3) === 3 ? tos & ~1 : tos;
  packet.start -= outerLength(destination);
  if (isIpv6(destination)) {
    writeIpv6Header(packet, { source, destination, nextHeader: protocol, trafficClass: outerTos, hopLimit: ttl });
  } else {
    writeHeader(packet, { source, destination, protocol, tos: outerTos, ttl, id, dontFragment });
  }
}
