import type { Tunnel } from '../../administration/command.ts';
import type { PacketBuffer } from '../packet-buffer.ts';

/**
 * What one type of tunnel puts between the outer IP header and the packet inside. The types know nothing of the outer header, and of the
 * packet inside only its family: either may be of IPv4 or IPv6.
 */
export interface TunnelType {
  /** Bytes of its header. */
  length(tunnel: Tunnel): number;

  /**
   * Puts the header before the packet. `addressSum` is what the addresses of the outer header add to a checksum, `zeroGreChecksum` what
   * one of GRE that comes to zero is sent as. Returns the outer header's protocol number.
   */
  wrap(packet: PacketBuffer, tunnel: Tunnel, addressSum: number, zeroGreChecksum: number): number;

  /**
   * Bytes of the header at `start`, as a router quotes it; undefined where it is not wholly there, or none that a director wrote.
   */
  quotedLength(view: DataView, start: number, end: number): number | undefined;
}

/** IP protocol number of a packet in a tunnel (RFC 2003 §3.1, RFC 2473 §3.1). */
export const PROTOCOL_OF_FAMILY = { 4: 4, 6: 41 } as const;
