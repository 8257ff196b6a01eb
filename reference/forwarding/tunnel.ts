import type { Address } from '../wire/ip-address.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { writeHeader } from './ip-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Bytes that IPIP puts before the packet. */
export const IPIP_OVERHEAD = IPV4.headerLength;

export interface OuterHeader {
  /** The director's address towards the server. */
  readonly source: Address;
  /** The real server (paper P22). */
  readonly destination: Address;
  readonly dontFragment: boolean;
  readonly id: number;
}

/** Wraps the packet whole in another IP packet (RFC 2003 §3.1; ip_vs_xmit.c:ip_vs_tunnel_xmit). */
export function encapsulate(packet: PacketBuffer, outer: OuterHeader): void {
  const { tos, ttl } = packet;
  packet.start -= IPIP_OVERHEAD;
  // "Congestion experienced" belongs to the inner packet alone; outside it travels as "capable" (RFC 3168 §9.1.1).
  writeHeader(packet, {
    source: outer.source,
    destination: outer.destination,
    protocol: PROTOCOL.ipip,
    tos: (tos & 3) === 3 ? tos & ~1 : tos,
    ttl,
    id: outer.id,
    dontFragment: outer.dontFragment,
  });
}
