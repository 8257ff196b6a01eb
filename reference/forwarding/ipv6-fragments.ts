import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../wire/ipv6-fragment.ts';
import { EXTENSION } from '../wire/ipv6-options.ts';
import { IPV6, IPV6_MINIMUM_MTU, NEXT_HEADER } from '../wire/ipv6.ts';
import { fragmentSizes } from './fragment-sizes.ts';
import { PacketBuffer } from './packet-buffer.ts';

/**
 * The fragments of a datagram (RFC 8200 §4.5; net/ipv6/ip6_output.c:ip6_fragment). What came in fragments leaves in the same ones; where
 * those do not fit any more it is cut anew, into pieces no larger than the largest that came. Each is valid until the next is asked for.
 */
export function* ipv6Fragments(packet: PacketBuffer, mtu: number, id: number): Generator<PacketBuffer> {
  const { start, end, bytes } = packet;
  const { length, namedAt } = unfragmentable(packet);
  const limit = packet.largestFragment === 0 ? mtu : Math.max(packet.largestFragment, IPV6_MINIMUM_MTU);
  const most = limit - length - FRAGMENT_HEADER.headerLength;
  const next = packet.view.getUint8(namedAt);
  const fragment = new PacketBuffer(limit);
  let from = start + length;
  for (const size of fragmentSizes(packet, end - from, most)) {
    fragment.load(bytes.subarray(start, start + length), 0, packet.port);
    const { view } = fragment;
    const header = fragment.start + length;
    const isLast = from + size >= end;
    view.setUint8(fragment.start + namedAt - start, NEXT_HEADER.fragment);
    view.setUint8(header + FRAGMENT_HEADER.nextHeader, next);
    view.setUint8(header + FRAGMENT_HEADER.reserved, 0);
    view.setUint16(header + FRAGMENT_HEADER.fragment, (from - start - length) | (isLast ? 0 : FRAGMENT_WORD.mf));
    view.setUint32(header + FRAGMENT_HEADER.id, id);
    fragment.bytes.set(bytes.subarray(from, from + size), header + FRAGMENT_HEADER.headerLength);
    fragment.end = header + FRAGMENT_HEADER.headerLength + size;
    view.setUint16(fragment.start + IPV6.payloadLength, fragment.length - IPV6.headerLength);
    fragment.headerIsNew(6);
    yield fragment;
    from += size;
  }
}

/** The headers that every fragment needs, and the byte that names what follows them (net/ipv6/output_core.c:ip6_find_1stfragopt). */
function unfragmentable({ view, start, end }: PacketBuffer): { readonly length: number; readonly namedAt: number } {
  let namedAt = start + IPV6.nextHeader;
  let at = start + IPV6.headerLength;
  let isRouted = false;
  for (;;) {
    const kind = view.getUint8(namedAt);
    if (kind === NEXT_HEADER.routing) isRouted = true;
    const goesOn =
      kind === NEXT_HEADER.hopByHop ||
      kind === NEXT_HEADER.routing ||
      (kind === NEXT_HEADER.destinationOptions && !isRouted);
    const next = at + 1 < end ? at + (view.getUint8(at + EXTENSION.length) + 1) * EXTENSION.unit : Infinity;
    if (!goesOn || next > end) return { length: at - start, namedAt };
    namedAt = at;
    at = next;
  }
}
