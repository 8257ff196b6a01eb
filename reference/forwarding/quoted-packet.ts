import { ICMP, ICMP_TYPE } from '../wire/icmp.ts';
import { ICMP6, isIcmp6Error } from '../wire/icmpv6.ts';
import type { Address } from '../wire/ip-address.ts';
import { FRAGMENT, IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { readIpv6 } from '../wire/ipv6-address.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { BROKEN, followHeaders, fragmentOffset } from './header-chain.ts';
import { BALANCED } from '../protocols/balanced-protocols.ts';
import { TCP } from '../wire/tcp.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** The packet that an ICMP error quotes, as positions in the error's buffer. */
export interface QuotedPacket {
  readonly family: 4 | 6;
  /** First byte of the quoted IP header. */
  readonly start: number;
  /** First byte behind it and its extension headers. */
  readonly transport: number;
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  readonly dontFragment: boolean;
  /** Not the first fragment: what stands behind its header is no transport header. */
  readonly isLaterFragment: boolean;
}

/**
 * The errors that IPVS relates to a connection. Of ICMP (RFC 792) redirects and parameter problems are not among them (ip_vs_in_icmp); of
 * ICMPv6 all errors are (ip_vs_in_icmp_v6).
 */
export function isRelatedError({ view, family, protocol, transport }: PacketBuffer): boolean {
  if (family === 6) return protocol === PROTOCOL.icmpv6 && isIcmp6Error(view.getUint8(transport + ICMP6.type));
  if (protocol !== PROTOCOL.icmp) return false;
  const type = view.getUint8(transport + ICMP.type);
  return type === ICMP_TYPE.unreachable || type === ICMP_TYPE.sourceQuench || type === ICMP_TYPE.timeExceeded;
}

/** The IP header at `start`, of the family of the error, if it is wholly there. */
export function quotedPacket({ view, end, family }: PacketBuffer, start: number): QuotedPacket | undefined {
  return family === 4 ? quotedIpv4(view, start, end) : quotedIpv6(view, start, end);
}

function quotedIpv4(view: DataView, start: number, end: number): QuotedPacket | undefined {
  if (end - start < IPV4.headerLength) return undefined;
  const versionAndLength = view.getUint8(start + IPV4.versionAndLength);
  const headerLength = (versionAndLength & 0x0f) * 4;
  if (versionAndLength >> 4 !== 4 || headerLength < IPV4.headerLength || start + headerLength > end) return undefined;
  const fragment = view.getUint16(start + IPV4.fragment);
  return {
    family: 4,
    start,
    transport: start + headerLength,
    protocol: view.getUint8(start + IPV4.protocol),
    source: view.getUint32(start + IPV4.source),
    destination: view.getUint32(start + IPV4.destination),
    dontFragment: (fragment & FRAGMENT.df) !== 0,
    isLaterFragment: (fragment & FRAGMENT.offsetMask) !== 0,
  };
}

function quotedIpv6(view: DataView, start: number, end: number): QuotedPacket | undefined {
  if (end - start < IPV6.headerLength || view.getUint8(start + IPV6.versionClassFlow) >> 4 !== 6) return undefined;
  const { transport, protocol, fragmentHeader } = followHeaders(view, start, end);
  if (protocol === BROKEN) return undefined;
  return {
    family: 6,
    start,
    transport,
    protocol,
    source: readIpv6(view, start + IPV6.source),
    destination: readIpv6(view, start + IPV6.destination),
    dontFragment: false,
    isLaterFragment: fragmentHeader >= 0 && fragmentOffset(view, fragmentHeader) > 0,
  };
}

/** Whether the quote is of a balanced protocol and holds at least the ports, if it has any. */
export function hasPorts(packet: PacketBuffer, quote: QuotedPacket): boolean {
  const protocol = BALANCED[quote.protocol];
  return protocol !== undefined && (protocol.borrowed !== undefined || packet.end - quote.transport >= 4);
}

/** The connection that a quoted packet belongs to, by its own account. */
export interface QuotedTuple {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Whether the ports stand in the quote. */
  readonly isOwn: boolean;
}

/** To be asked of a quote that {@link hasPorts}. */
export function quotedTuple({ view }: PacketBuffer, { protocol, transport }: QuotedPacket): QuotedTuple {
  const borrowed = BALANCED[protocol]?.borrowed;
  if (borrowed !== undefined) {
    return { protocol: borrowed.protocol, sourcePort: borrowed.port, destinationPort: borrowed.port, isOwn: false };
  }
  return {
    protocol,
    sourcePort: view.getUint16(transport + TCP.sourcePort),
    destinationPort: view.getUint16(transport + TCP.destinationPort),
    isOwn: true,
  };
}
