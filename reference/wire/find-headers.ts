import { ARP, ARP_FIELDS, isIpv4Arp } from './arp.ts';
import { ETHERNET, ETHERNET_FIELDS, ETHER_TYPE } from './ethernet.ts';
import { wholeFieldsEnd, type FieldRange } from './field.ts';
import { ICMP, ICMP_FIELDS, isIcmpError } from './icmp.ts';
import { FRAGMENT, IP_FIELDS, IPV4, PROTOCOL } from './ipv4.ts';
import type { LayerKind } from './layer.ts';
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

/**
 * Finds the headers of a frame (`ethernet`) or a datagram (`ip`) without reading their fields. Any bytes will do:
 * - What no header claims is a `payload`: unknown types, non-first fragments, options cut short, a field cut in two.
 * - A header of which no field is wholly there is not found.
 * - What follows the end of an IP datagram or an ARP packet is padding and belongs to nothing.
 */
export function findHeaders(view: DataView, outermost: 'ethernet' | 'ip'): FoundHeader[] {
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
    const next = type === ETHER_TYPE.ipv4 ? 'ip' : type === ETHER_TYPE.arp ? 'arp' : 'payload';
    return { length: ETHERNET.headerLength, end, next };
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
    const next = fragmentOffset === 0 ? CONTENTS[view.getUint8(offset + IPV4.protocol)] : undefined;
    return { length: headerLength, end: datagramEnd, next: next ?? 'payload' };
  },

  tcp(view, offset, end) {
    if (end - offset < TCP.headerLength) return cutShort(TCP_FIELDS, offset, end);
    const headerLength = (view.getUint8(offset + TCP.dataOffset) >>> 4) * 4;
    const whole = headerLength >= TCP.headerLength && headerLength <= end - offset;
    return { length: whole ? headerLength : TCP.headerLength, end, next: 'payload' };
  },

  udp(_view, offset, end) {
    if (end - offset < UDP.headerLength) return cutShort(UDP_FIELDS, offset, end);
    return { length: UDP.headerLength, end, next: 'payload' };
  },

  icmp(view, offset, end) {
    if (end - offset < ICMP.headerLength) return cutShort(ICMP_FIELDS, offset, end);
    return { length: ICMP.headerLength, end, next: isIcmpError(view.getUint8(offset + ICMP.type)) ? 'ip' : 'payload' };
  },

  payload: (_view, offset, end) => ({ length: end - offset, end, next: 'payload' }),
};

const CONTENTS: Readonly<Partial<Record<number, LayerKind>>> = {
  [PROTOCOL.icmp]: 'icmp',
  [PROTOCOL.ipip]: 'ip',
  [PROTOCOL.tcp]: 'tcp',
  [PROTOCOL.udp]: 'udp',
};

function cutShort(fields: Readonly<Record<string, FieldRange>>, offset: number, end: number): Step {
  return { length: wholeFieldsEnd(fields, end - offset), end, next: 'payload' };
}
