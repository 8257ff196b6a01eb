import { ICMP6 } from '../wire/icmpv6.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../wire/ipv6-fragment.ts';
import { EXTENSION } from '../wire/ipv6-options.ts';
import { IPV6, NEXT_HEADER } from '../wire/ipv6.ts';
import { TCP } from '../wire/tcp.ts';
import { UDP } from '../wire/udp.ts';

/** What stands behind an IPv6 header: extension headers, then the transport header (RFC 8200 §4). */
export interface HeaderChain {
  /** First byte of the transport header; behind the packet's end where an extension header reaches beyond it. */
  readonly transport: number;
  /** The transport protocol; {@link BROKEN} where the chain breaks off before. */
  readonly protocol: number;
  /** First byte of the fragment header; -1 where there is none. */
  readonly fragmentHeader: number;
  /** The byte that says that a fragment header follows. */
  readonly fragmentNamedAt: number;
}

/** No protocol has this number. */
export const BROKEN = -1;

/** Follows the chain of the IPv6 header at `start` (net/ipv6/exthdrs_core.c:ipv6_find_hdr). */
export function followHeaders(view: DataView, start: number, end: number): HeaderChain {
  let at = start + IPV6.headerLength;
  let protocol: number = view.getUint8(start + IPV6.nextHeader);
  let named = start + IPV6.nextHeader;
  let fragmentHeader = -1;
  let fragmentNamedAt = -1;
  const chain = (protocol: number): HeaderChain => ({ transport: at, protocol, fragmentHeader, fragmentNamedAt });
  while (isExtension(protocol) && protocol !== NEXT_HEADER.none) {
    if (end - at < 2) return chain(BROKEN);
    const next = view.getUint8(at + EXTENSION.nextHeader);
    let length = EXTENSION.unit * (view.getUint8(at + EXTENSION.length) + 1);
    if (protocol === NEXT_HEADER.fragment) {
      length = FRAGMENT_HEADER.headerLength;
      if (end - at < length) return chain(BROKEN);
      if (fragmentHeader < 0) {
        fragmentHeader = at;
        fragmentNamedAt = named;
      }
      // Of a later fragment nothing is known but what its header says comes first.
      if (fragmentOffset(view, at) > 0) {
        const isKnown = !isExtension(next) || next === NEXT_HEADER.none;
        return chain(isKnown ? next : BROKEN);
      }
    } else if (protocol === PROTOCOL.ah) {
      // RFC 4302 §2.2: in units of four bytes, two fewer than there are.
      length = 4 * (view.getUint8(at + EXTENSION.length) + 2);
    } else if (protocol === NEXT_HEADER.routing && end - at < 4) {
      return chain(BROKEN);
    }
    named = at;
    at += length;
    if (at > end) return chain(BROKEN);
    protocol = next;
  }
  return chain(protocol);
}

/** Where in the whole datagram the data behind this fragment header begins, in bytes. */
export function fragmentOffset(view: DataView, fragmentHeader: number): number {
  return view.getUint16(fragmentHeader + FRAGMENT_HEADER.fragment) & FRAGMENT_WORD.offsetMask;
}

/**
 * Whether a first fragment ends before the transport header does: then nobody can tell what it is (RFC 7112 §5;
 * include/net/ipv6_frag.h:ipv6frag_thdr_truncated).
 */
export function lacksHeaders(
  view: DataView,
  { fragmentHeader, transport, protocol }: HeaderChain,
  end: number,
): boolean {
  if (fragmentHeader < 0 || fragmentOffset(view, fragmentHeader) > 0) return false;
  if (protocol === BROKEN) return transport > end;
  return transport + (TRANSPORT_LENGTH[protocol] ?? 1) > end;
}

/** Bytes that a transport header has at least. */
const TRANSPORT_LENGTH: Readonly<Partial<Record<number, number>>> = {
  [PROTOCOL.tcp]: TCP.headerLength,
  [PROTOCOL.udp]: UDP.headerLength,
  [PROTOCOL.icmpv6]: ICMP6.headerLength,
};

/** net/ipv6/exthdrs_core.c:ipv6_ext_hdr */
function isExtension(protocol: number): boolean {
  switch (protocol) {
    case NEXT_HEADER.hopByHop:
    case NEXT_HEADER.routing:
    case NEXT_HEADER.fragment:
    case NEXT_HEADER.none:
    case NEXT_HEADER.destinationOptions:
    case PROTOCOL.ah:
      return true;
    default:
      return false;
  }
}
