import { ICMP, ICMP_TYPE } from '../wire/icmp.ts';
import type { Address } from '../wire/ip-address.ts';
import { FRAGMENT, IPV4, PROTOCOL } from '../wire/ipv4.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** The packet that an ICMP error quotes, as positions in the error's buffer. */
export interface QuotedPacket {
  /** First byte of the quoted IP header. */
  readonly start: number;
  /** First byte behind it. */
  readonly transport: number;
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  readonly dontFragment: boolean;
  /** Not the first fragment: what stands behind its header is no transport header. */
  readonly isLaterFragment: boolean;
}

/** RFC 792: the errors that IPVS relates to a connection; redirects and parameter problems are not among them (ip_vs_in_icmp). */
export function isRelatedError(packet: PacketBuffer): boolean {
  if (packet.protocol !== PROTOCOL.icmp || packet.transportLength < ICMP.headerLength) return false;
  const type = packet.view.getUint8(packet.transport + ICMP.type);
  return type === ICMP_TYPE.unreachable || type === ICMP_TYPE.sourceQuench || type === ICMP_TYPE.timeExceeded;
}

/** The IP header at `start`, if it is wholly there. */
export function quotedPacket({ view, end }: PacketBuffer, start: number): QuotedPacket | undefined {
  if (end - start < IPV4.headerLength) return undefined;
  const versionAndLength = view.getUint8(start + IPV4.versionAndLength);
  const headerLength = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >> 4 !== 4 || headerLength < IPV4.headerLength || start + headerLength > end) return undefined;
  const fragment = view.getUint16(start + IPV4.fragment);
  return {
    start,
    transport: start + headerLength,
    protocol: view.getUint8(start + IPV4.protocol),
    source: view.getUint32(start + IPV4.source),
    destination: view.getUint32(start + IPV4.destination),
    dontFragment: (fragment & FRAGMENT.df) !== 0,
    isLaterFragment: (fragment & FRAGMENT.offsetMask) !== 0,
  };
}

/** Whether the quote is of a balanced protocol and holds at least the ports. */
export function hasPorts(packet: PacketBuffer, quote: QuotedPacket): boolean {
  const balanced = quote.protocol === PROTOCOL.tcp || quote.protocol === PROTOCOL.udp;
  return balanced && packet.end - quote.transport >= 4;
}
