import type { Tunnel } from '../administration/command.ts';
import { addressSum } from '../wire/checksum.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { writeHeader } from './ip-header.ts';
import { writeIpv6Header } from './ipv6-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { TUNNELS } from './tunnels/tunnels.ts';

export interface OuterHeader {
  /** The director's address towards the server. */
  readonly source: Address;
  /** The real server (paper P22). Its family is the outer header's. */
  readonly destination: Address;
  readonly dontFragment: boolean;
  readonly id: number;
  /** What a checksum of GRE that comes to zero is sent as. Default: its other form, ffff. */
  readonly zeroGreChecksum?: number;
}

/** Bytes that a tunnel puts before a packet to reach this server: an IP header and one of its own. */
export function tunnelOverhead(tunnel: Tunnel, server: Address): number {
  return outerLength(server) + TUNNELS[tunnel.type].length(tunnel);
}

/** Wraps the packet whole in another IP packet (RFC 2003 §3.1, RFC 2473 §3; ip_vs_xmit.c:ip_vs_tunnel_xmit). */
export function encapsulate(packet: PacketBuffer, tunnel: Tunnel, outer: OuterHeader): void {
  const { tos, ttl, family } = packet;
  const { source, destination, dontFragment, id, zeroGreChecksum = 0xffff } = outer;
  const sum = addressSum(source) + addressSum(destination);
  const protocol = TUNNELS[tunnel.type].wrap(packet, tunnel, sum, zeroGreChecksum);
  // "Congestion experienced" belongs to the inner packet alone; outside it travels as "capable" (RFC 3168 §9.1.1).
  const outerTos = (tos & 3) === 3 ? tos & ~1 : tos;
  packet.start -= outerLength(destination);
  if (isIpv6(destination)) {
    writeIpv6Header(packet, { source, destination, nextHeader: protocol, trafficClass: outerTos, hopLimit: ttl });
  } else {
    writeHeader(packet, { source, destination, protocol, tos: outerTos, ttl, id, dontFragment });
    // How an IPv6 packet came in pieces says nothing of how it travels in IPv4.
    if (family === 6) packet.largestFragment = 0;
  }
}

function outerLength(server: Address): number {
  return isIpv6(server) ? IPV6.headerLength : IPV4.headerLength;
}
