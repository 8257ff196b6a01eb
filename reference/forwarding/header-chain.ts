import { PROTOCOL } from '../wire/ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../wire/ipv6-fragment.ts';
import { EXTENSION } from '../wire/ipv6-options.ts';
import { IPV6, NEXT_HEADER } from '../wire/ipv6.ts';

/** What stands behind an IPv6 header: extension headers, then the transport header (RFC 8200 §4). */
export interface HeaderChain {
  /** First byte of the transport header. */
  readonly transport: number;
  /** The transport protocol; {@link BROKEN} where the chain breaks off before. */
  readonly protocol: number;
  /** Bytes from the datagram's beginning at which a fragment's data belongs. */
  readonly fragmentOffset: number;
  /** First byte of the fragment header; -1 where there is none. */
  readonly fragmentHeader: number;
}

/** No protocol has this number. */
export const BROKEN = -1;

/** Follows the chain of the IPv6 header at `start` (net/ipv6/exthdrs_core.c:ipv6_find_hdr). */
export function followHeaders(view: DataView, start: number, end: number): HeaderChain {
  let at = start + IPV6.headerLength;
  let protocol: number = view.getUint8(start + IPV6.nextHeader);
  let fragmentHeader = -1;
  const broken = (): HeaderChain => ({ transport: at, protocol: BROKEN, fragmentOffset: 0, fragmentHeader });
  while (isExtension(protocol) && protocol !== NEXT_HEADER.none) {
    if (end - at < 2) return broken();
    const next = view.getUint8(at + EXTENSION.nextHeader);
    let length = EXTENSION.unit * (view.getUint8(at + EXTENSION.length) + 1);
    if (protocol === NEXT_HEADER.fragment) {
      fragmentHeader = at;
      if (end - at < FRAGMENT_HEADER.fragment + 2) return broken();
      const fragmentOffset = view.getUint16(at + FRAGMENT_HEADER.fragment) & FRAGMENT_WORD.offsetMask;
      // Of a later fragment nothing is known but what its header says comes first.
      if (fragmentOffset > 0) {
        const known = !isExtension(next) || next === NEXT_HEADER.none;
        return known ? { transport: start, protocol: next, fragmentOffset, fragmentHeader } : broken();
      }
      length = FRAGMENT_HEADER.headerLength;
    } else if (protocol === PROTOCOL.ah) {
      // RFC 4302 §2.2: in units of four bytes, two fewer than there are.
      length = 4 * (view.getUint8(at + EXTENSION.length) + 2);
    } else if (protocol === NEXT_HEADER.routing && end - at < 4) {
      return broken();
    }
    if (end - at < length) return broken();
    at += length;
    protocol = next;
  }
  return { transport: at, protocol, fragmentOffset: 0, fragmentHeader };
}

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
