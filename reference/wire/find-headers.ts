import { ARP, ARP_FIELDS, isIpv4Arp } from './arp.ts';
import { ETHERNET, ETHERNET_FIELDS, ETHER_TYPE } from './ethernet.ts';
import { wholeFieldsEnd, type FieldRange } from './field.ts';
import { GRE, GRE_FIELDS, GRE_FLAG, greLength } from './gre.ts';
import { GUE, GUE_FIELDS, GUE_PORT, isGueData, statedGueLength } from './gue.ts';
import { ICMP, ICMP_FIELDS, isIcmpError } from './icmp.ts';
import { ICMP6, ICMP6_FIELDS, ICMP6_TYPE, isIcmp6Error } from './icmpv6.ts';
import { FRAGMENT, IP_FIELDS, IPV4, PROTOCOL } from './ipv4.ts';
import { FRAGMENT_FIELDS, FRAGMENT_HEADER, FRAGMENT_WORD } from './ipv6-fragment.ts';
import { EXTENSION, EXTENSION_FIELDS, statedLength } from './ipv6-options.ts';
import { ROUTING, ROUTING_FIELDS } from './ipv6-routing.ts';
import { IP6_FIELDS, IPV6, NEXT_HEADER } from './ipv6.ts';
import type { LayerKind } from './layer.ts';
import { NEIGHBOUR_FIELDS, neighbourLength } from './neighbour-discovery.ts';
import { CHUNK, CHUNK_FIELDS, paddedChunk } from './sctp-chunk.ts';
import { SCTP, SCTP_FIELDS } from './sctp.ts';
import { TCP, TCP_FIELDS } from './tcp.ts';
import { UDP, UDP_FIELDS } from './udp.ts';

/** A header found in bytes; all numbers count from the start of the view. */
export interface FoundHeader {
  readonly kind: LayerKind;
  readonly offset: number;
  /** Bytes of the header up to the end of its last whole field. */
  readonly length: number;
  /** End of what the header belongs to: of the datagram for IP and what is in it. */
  readonly end: number;
}

/** What bytes begin with: a frame or a datagram. */
export type Outermost = 'ethernet' | 'ip' | 'ip6';

/**
 * Finds the headers of a frame (`ethernet`) or a datagram (`ip`, `ip6`) without reading their fields. Any bytes will do:
 * - What no header claims is a `payload`: unknown types, non-first fragments, options cut short, a field cut in two.
 * - A header of which no field is wholly there is not found.
 * - What follows the end of an IP datagram or an ARP packet is padding and belongs to nothing.
 */
export function findHeaders(view: DataView, outermost: Outermost): FoundHeader[] {
  const found: FoundHeader[] = [];
  let next: LayerKind = outermost;
  let offset = 0;
  let end = view.byteLength;
  while (offset < end) {
    const header: Step = STEPS[next](view, offset, end);
    end = header.end;
    if (header.length > 0) found.push({ kind: next, offset, length: header.length, end });
    offset += header.length;
    next = header.next;
  }
  return found;
}

interface Step {
  readonly length: number;
  readonly end: number;
  readonly next: LayerKind;
}

/**
 * What is at `offset`, and what follows it. A length of 0 says "not this kind after all": then `next` is another kind.
 */
const STEPS: Readonly<Record<LayerKind, (view: DataView, offset: number, end: number) => Step>> = {
  ethernet(view, offset, end) {
    if (end - offset < ETHERNET.headerLength) return cutShort(ETHERNET_FIELDS, offset, end);
    const type = view.getUint16(offset + ETHERNET.type);
    return { length: ETHERNET.headerLength, end, next: TYPES[type] ?? 'payload' };
  },

  arp(view, offset, end) {
    if (!isIpv4Arp(view, offset, end - offset)) return { length: 0, end, next: 'payload' };
    if (end - offset < ARP.headerLength) return cutShort(ARP_FIELDS, offset, end);
    return { length: ARP.headerLength, end: offset + ARP.headerLength, next: 'payload' };
  },

  ip(view, offset, end) {
    const versionAndLength = view.getUint8(offset + IPV4.versionAndLength);
    if (versionAndLength >>> 4 !== 4) return { length: 0, end, next: 'payload' };
    if (end - offset < IPV4.headerLength) return cutShort(IP_FIELDS, offset, end);
    const headerLength = (versionAndLength & 0x0f) * 4;
    const totalLength = view.getUint16(offset + IPV4.totalLength);
    // A total length that cannot be is not believed; 0 is common in captures taken before segmentation offload.
    const datagramEnd =
      totalLength < Math.max(headerLength, IPV4.headerLength) ? end : Math.min(end, offset + totalLength);
    if (headerLength < IPV4.headerLength || offset + headerLength > datagramEnd) {
      return { length: IPV4.headerLength, end: datagramEnd, next: 'payload' };
    }
    const fragmentOffset = view.getUint16(offset + IPV4.fragment) & FRAGMENT.offsetMask;
    const next = fragmentOffset === 0 ? CONTENTS.ip[view.getUint8(offset + IPV4.protocol)] : undefined;
    return { length: headerLength, end: datagramEnd, next: next ?? 'payload' };
  },

  tcp(view, offset, end) {
    if (end - offset < TCP.headerLength) return cutShort(TCP_FIELDS, offset, end);
    const headerLength = (view.getUint8(offset + TCP.dataOffset) >>> 4) * 4;
    const whole = headerLength >= TCP.headerLength && headerLength <= end - offset;
    return { length: whole ? headerLength : TCP.headerLength, end, next: 'payload' };
  },

  udp(view, offset, end) {
    if (end - offset < UDP.headerLength) return cutShort(UDP_FIELDS, offset, end);
    const next = view.getUint16(offset + UDP.destinationPort) === GUE_PORT ? 'gue' : 'payload';
    return { length: UDP.headerLength, end, next };
  },

  sctp(_view, offset, end) {
    if (end - offset < SCTP.headerLength) return cutShort(SCTP_FIELDS, offset, end);
    return { length: SCTP.headerLength, end, next: 'chunk' };
  },

  chunk(view, offset, end) {
    if (end - offset < CHUNK.headerLength) return cutShort(CHUNK_FIELDS, offset, end);
    const length = view.getUint16(offset + CHUNK.length);
    // Nobody can say where the next one begins.
    if (length < CHUNK.headerLength || length > end - offset) {
      return { length: CHUNK.headerLength, end, next: 'payload' };
    }
    return { length: Math.min(paddedChunk(length), end - offset), end, next: 'chunk' };
  },

  gre(view, offset, end) {
    const flags = end - offset < GRE.protocol ? 0 : view.getUint16(offset + GRE.flags);
    const length = greLength(flags);
    if (end - offset < length) return cutShort(GRE_FIELDS, offset, end);
    const isKnown = (flags & ~GRE_FLAG.checksum) === 0;
    const next = isKnown ? TUNNELLED[view.getUint16(offset + GRE.protocol)] : undefined;
    return { length, end, next: next ?? 'payload' };
  },

  gue(view, offset, end) {
    if (end - offset < GUE.headerLength) return cutShort(GUE_FIELDS, offset, end);
    const length = statedGueLength(view, offset);
    if (length > end - offset) return { length: GUE.headerLength, end, next: 'payload' };
    const next = isGueData(view, offset) ? CONTENTS.ip[view.getUint8(offset + GUE.protocol)] : undefined;
    return { length, end, next: next ?? 'payload' };
  },

  icmp(view, offset, end) {
    if (end - offset < ICMP.headerLength) return cutShort(ICMP_FIELDS, offset, end);
    return { length: ICMP.headerLength, end, next: isIcmpError(view.getUint8(offset + ICMP.type)) ? 'ip' : 'payload' };
  },

  ip6(view, offset, end) {
    if (view.getUint8(offset + IPV6.versionClassFlow) >>> 4 !== 6) return { length: 0, end, next: 'payload' };
    if (end - offset < IPV6.headerLength) return cutShort(IP6_FIELDS, offset, end);
    const payloadLength = view.getUint16(offset + IPV6.payloadLength);
    const nextHeader = view.getUint8(offset + IPV6.nextHeader);
    // Zero before a hop-by-hop header: an option of it has the length (RFC 2675 §3).
    const isJumbo = payloadLength === 0 && nextHeader === NEXT_HEADER.hopByHop;
    const datagramEnd = isJumbo ? end : Math.min(end, offset + IPV6.headerLength + payloadLength);
    return { length: IPV6.headerLength, end: datagramEnd, next: CONTENTS.ip6[nextHeader] ?? 'payload' };
  },

  hopByHop: (view, offset, end) => extension(EXTENSION_FIELDS, EXTENSION.options, view, offset, end),

  destinationOptions: (view, offset, end) => extension(EXTENSION_FIELDS, EXTENSION.options, view, offset, end),

  routing: (view, offset, end) => extension(ROUTING_FIELDS, ROUTING.data, view, offset, end),

  fragment(view, offset, end) {
    if (end - offset < FRAGMENT_HEADER.headerLength) return cutShort(FRAGMENT_FIELDS, offset, end);
    const fragmentOffset = view.getUint16(offset + FRAGMENT_HEADER.fragment) & FRAGMENT_WORD.offsetMask;
    const next = fragmentOffset === 0 ? CONTENTS.ip6[view.getUint8(offset + FRAGMENT_HEADER.nextHeader)] : undefined;
    return { length: FRAGMENT_HEADER.headerLength, end, next: next ?? 'payload' };
  },

  icmp6(view, offset, end) {
    if (end - offset < ICMP6.headerLength) return cutShort(ICMP6_FIELDS, offset, end);
    const type = view.getUint8(offset + ICMP6.type);
    const isNeighbour = type === ICMP6_TYPE.neighbourSolicitation || type === ICMP6_TYPE.neighbourAdvertisement;
    const next = isIcmp6Error(type) ? 'ip6' : isNeighbour ? 'neighbour' : 'payload';
    return { length: ICMP6.headerLength, end, next };
  },

  neighbour(view, offset, end) {
    const length = neighbourLength(view, offset, end - offset);
    return length > end - offset ? cutShort(NEIGHBOUR_FIELDS, offset, end) : { length, end, next: 'payload' };
  },

  payload: (_view, offset, end) => ({ length: end - offset, end, next: 'payload' }),
};

type Kinds = Readonly<Partial<Record<number, LayerKind>>>;

const TYPES: Kinds = { [ETHER_TYPE.ipv4]: 'ip', [ETHER_TYPE.arp]: 'arp', [ETHER_TYPE.ipv6]: 'ip6' };

/** What GRE carries, by Ethernet types (RFC 2784 §2.4). */
const TUNNELLED: Kinds = { [ETHER_TYPE.ipv4]: 'ip', [ETHER_TYPE.ipv6]: 'ip6' };

const CONTENTS_OF_BOTH: Kinds = {
  [PROTOCOL.ipip]: 'ip',
  [PROTOCOL.ipv6]: 'ip6',
  [PROTOCOL.tcp]: 'tcp',
  [PROTOCOL.udp]: 'udp',
  [PROTOCOL.sctp]: 'sctp',
  [PROTOCOL.gre]: 'gre',
};

const CONTENTS: Readonly<Record<'ip' | 'ip6', Kinds>> = {
  ip: { ...CONTENTS_OF_BOTH, [PROTOCOL.icmp]: 'icmp' },
  ip6: {
    ...CONTENTS_OF_BOTH,
    [PROTOCOL.icmpv6]: 'icmp6',
    [NEXT_HEADER.hopByHop]: 'hopByHop',
    [NEXT_HEADER.destinationOptions]: 'destinationOptions',
    [NEXT_HEADER.routing]: 'routing',
    [NEXT_HEADER.fragment]: 'fragment',
  },
};

/** An extension header of `fixed` bytes and what its stated length has room for. */
function extension(
  fields: Readonly<Record<string, FieldRange>>,
  fixed: number,
  view: DataView,
  offset: number,
  end: number,
): Step {
  if (end - offset < fixed) return cutShort(fields, offset, end);
  const length = statedLength(view, offset);
  if (length > end - offset) return { length: fixed, end, next: 'payload' };
  return { length, end, next: CONTENTS.ip6[view.getUint8(offset + EXTENSION.nextHeader)] ?? 'payload' };
}

function cutShort(fields: Readonly<Record<string, FieldRange>>, offset: number, end: number): Step {
  return { length: wholeFieldsEnd(fields, end - offset), end, next: 'payload' };
}
