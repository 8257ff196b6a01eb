import { sum } from '../wire/checksum.ts';
import type { Address } from '../wire/ip-address.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { readIpv6 } from '../wire/ipv6-address.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../wire/ipv6-fragment.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { followHeaders, fragmentOffset, lacksHeaders, type HeaderChain } from './header-chain.ts';
import { TCP } from '../wire/tcp.ts';

/** Room before the datagram: an Ethernet header, an outer IP header and a tunnel header. */
const HEADROOM = 96;
/** Room behind it, for a payload that grows. */
const TAILROOM = 64;
const LARGEST_DATAGRAM = 65535;
/** One list for all packets, so that none costs an allocation. */
const CAME_WHOLE: readonly number[] = [];

/**
 * One IP datagram at work, of either family, in a buffer with room on both sides, so that wrapping it in another header copies
 * nothing. The getters read the header as it is now. Numbers host order, sizes in bytes.
 */
export class PacketBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** First byte of the IP header. */
  start = HEADROOM;
  /** One past the last byte of the datagram. */
  end = HEADROOM;
  /** IP version of the header at `start`. */
  family: 4 | 6 = 4;
  /** The port it arrived on; -1 for the director's own packets. */
  port = -1;
  /** Routed to the director itself when it arrived: ICMP errors about it come from the address it was sent to. */
  local = false;
  /** What the firewall marked it with when it arrived (`skb->mark`); 0 is none. */
  mark = 0;
  /** IPVS is done with it (`skb->ipvs_property`). */
  handled = false;
  /** Size of the largest fragment it was reassembled from; 0 if it came whole. Fragmented on output it becomes no larger. */
  largestFragment = 0;
  /** Bytes of data in each fragment it was reassembled from; empty where that does not matter. */
  fragments: readonly number[] = CAME_WHOLE;
  /** Its frame was addressed to many: no error is owed for it (`skb->pkt_type`). */
  toMany = false;
  /** A hop-by-hop header stood behind a fragment header, where none belongs, and was not looked at. */
  hasUnreadOptions = false;
  #view: Uint8Array = new Uint8Array();
  #chain: HeaderChain | undefined;

  constructor(size: number = LARGEST_DATAGRAM) {
    this.bytes = new Uint8Array(HEADROOM + size + TAILROOM);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Takes a datagram in, with the first `before` bytes of `source` in front of it: a frame with its Ethernet header. */
  load(source: Uint8Array, before: number, port: number): void {
    this.start = HEADROOM;
    this.end = HEADROOM + source.length - before;
    this.bytes.set(source, HEADROOM - before);
    this.headerIsNew((this.bytes[HEADROOM] ?? 0) >> 4 === 6 ? 6 : 4);
    this.port = port;
    this.local = false;
    this.mark = 0;
    this.handled = false;
    this.largestFragment = 0;
    this.fragments = CAME_WHOLE;
    this.hasUnreadOptions = false;
    this.toMany = false;
  }

  /** To be called when another IP header stands at `start`. */
  headerIsNew(family: 4 | 6): void {
    this.family = family;
    this.#chain = undefined;
  }

  /** Its bytes before `end` come to stand in its first fragment, as those that are changed must (net/core/skbuff.c:skb_ensure_writable). */
  joinFragments(end: number): void {
    if (this.fragments.length === 0) return;
    const data = this.end - this.fragments.reduce((sum, size) => sum + size, 0);
    const joined = Math.max(end - data, this.fragments[0] ?? 0);
    let missing = joined;
    const left = this.fragments.map((size) => {
      const taken = Math.min(size, missing);
      missing -= taken;
      return size - taken;
    });
    this.fragments = [joined, ...left.filter((size) => size > 0)];
  }

  /** A copy of its own, for a packet that must wait. */
  copy(): PacketBuffer {
    const copy = new PacketBuffer(this.length);
    copy.load(this.bytes.subarray(this.start, this.end), 0, this.port);
    copy.local = this.local;
    copy.mark = this.mark;
    copy.handled = this.handled;
    copy.largestFragment = this.largestFragment;
    copy.fragments = this.fragments;
    copy.hasUnreadOptions = this.hasUnreadOptions;
    copy.toMany = this.toMany;
    return copy;
  }

  /** The bytes from `from` to the packet's end. Packets are much alike, so the view of the last one serves again where it fits. */
  upToEnd(from: number): Uint8Array {
    if (this.#view.byteOffset !== from || this.#view.length !== this.end - from) {
      this.#view = this.bytes.subarray(from, this.end);
    }
    return this.#view;
  }

  get length(): number {
    return this.end - this.start;
  }
  /** Bytes before the transport header: of IPv6 with all extension headers. */
  get headerLength(): number {
    return this.family === 4
      ? (this.view.getUint8(this.start + IPV4.versionAndLength) & 0x0f) * 4
      : this.chain.transport - this.start;
  }
  /** First byte behind the IP header, or behind the extension headers of IPv6. */
  get transport(): number {
    return this.family === 4 ? this.start + this.headerLength : this.chain.transport;
  }
  get transportLength(): number {
    return this.end - this.transport;
  }
  /** Type of service, or traffic class. */
  get tos(): number {
    return this.family === 4
      ? this.view.getUint8(this.start + IPV4.tos)
      : (this.view.getUint16(this.start + IPV6.versionClassFlow) >> 4) & 0xff;
  }
  /** Identification: of an IPv6 packet only a fragment has one. */
  get id(): number {
    return this.family === 4
      ? this.view.getUint16(this.start + IPV4.id)
      : this.view.getUint32(this.chain.fragmentHeader + FRAGMENT_HEADER.id);
  }
  /** Time to live, or hop limit. */
  get ttl(): number {
    return this.view.getUint8(this.start + (this.family === 4 ? IPV4.ttl : IPV6.hopLimit));
  }
  /** The transport protocol; below 0 where the extension headers of IPv6 do not lead to one. */
  get protocol(): number {
    return this.family === 4 ? this.view.getUint8(this.start + IPV4.protocol) : this.chain.protocol;
  }
  get source(): Address {
    return this.family === 4
      ? this.view.getUint32(this.start + IPV4.source)
      : readIpv6(this.view, this.start + IPV6.source);
  }
  get destination(): Address {
    return this.family === 4
      ? this.view.getUint32(this.start + IPV4.destination)
      : readIpv6(this.view, this.start + IPV6.destination);
  }
  /** What both addresses add to the sum of a pseudo header (RFC 768, RFC 8200 §8.1). */
  get addressSum(): number {
    return this.family === 4
      ? sum(this.view, this.start + IPV4.source, 8)
      : sum(this.view, this.start + IPV6.source, 32);
  }
  get dontFragment(): boolean {
    return this.family === 4 && (this.view.getUint16(this.start + IPV4.fragment) & 0x4000) !== 0;
  }
  get moreFragments(): boolean {
    return this.family === 4
      ? (this.view.getUint16(this.start + IPV4.fragment) & 0x2000) !== 0
      : this.chain.fragmentHeader >= 0 &&
          (this.view.getUint16(this.chain.fragmentHeader + FRAGMENT_HEADER.fragment) & FRAGMENT_WORD.mf) !== 0;
  }
  /** Where in the whole datagram this fragment's data begins, in bytes. */
  get fragmentOffset(): number {
    return this.family === 4
      ? (this.view.getUint16(this.start + IPV4.fragment) & 0x1fff) * 8
      : this.chain.fragmentHeader < 0
        ? 0
        : fragmentOffset(this.view, this.chain.fragmentHeader);
  }
  /** Part of a datagram, or, in IPv6, a whole one with a fragment header (RFC 6946). */
  get isFragment(): boolean {
    return this.family === 4
      ? (this.view.getUint16(this.start + IPV4.fragment) & 0x3fff) !== 0
      : this.chain.fragmentHeader >= 0;
  }
  /** A first fragment of IPv6 that ends before its transport header does. */
  get lacksHeaders(): boolean {
    return this.family === 6 && lacksHeaders(this.view, this.chain, this.end);
  }
  /** What stands behind the IPv6 header. Looked for once, for every header. */
  get chain(): HeaderChain {
    return (this.#chain ??= followHeaders(this.view, this.start, this.end));
  }
  /** TCP, UDP and SCTP have their ports in the same place. */
  get sourcePort(): number {
    return this.view.getUint16(this.transport);
  }
  get destinationPort(): number {
    return this.view.getUint16(this.transport + 2);
  }
  get tcpFlags(): number {
    return this.view.getUint8(this.transport + TCP.flags);
  }
}
