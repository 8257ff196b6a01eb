import { IPV4 } from '../wire/ipv4.ts';
import { TCP } from '../wire/tcp.ts';

/** Room before the datagram: an Ethernet header, an outer IP header and a tunnel header. */
const HEADROOM = 64;
/** Room behind it, for a payload that grows. */
const TAILROOM = 64;
const LARGEST_DATAGRAM = 65535;

/**
 * One IPv4 datagram at work, in a buffer with room on both sides, so that wrapping it in another header copies nothing.
 * The getters read the header as it is now. Addresses and numbers host order, sizes in bytes.
 */
export class PacketBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** First byte of the IP header. */
  start = HEADROOM;
  /** One past the last byte of the datagram. */
  end = HEADROOM;
  /** The port it arrived on; -1 for the director's own packets. */
  port = -1;
  /** Routed to the director itself when it arrived: ICMP errors about it come from the address it was sent to. */
  local = false;
  /** IPVS is done with it (`skb->ipvs_property`). */
  handled = false;
  /** Size of the largest fragment it was reassembled from; 0 if it came whole. Fragmented on output it becomes no larger. */
  largestFragment = 0;
  #view: Uint8Array = new Uint8Array();

  constructor(size: number = LARGEST_DATAGRAM) {
    this.bytes = new Uint8Array(HEADROOM + size + TAILROOM);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Takes a datagram in, with the first `before` bytes of `source` in front of it: a frame with its Ethernet header. */
  load(source: Uint8Array, before: number, port: number): void {
    this.start = HEADROOM;
    this.end = HEADROOM + source.length - before;
    this.bytes.set(source, HEADROOM - before);
    this.port = port;
    this.local = false;
    this.handled = false;
    this.largestFragment = 0;
  }

  /** A copy of its own, for a packet that must wait. */
  copy(): PacketBuffer {
    const copy = new PacketBuffer(this.length);
    copy.load(this.bytes.subarray(this.start, this.end), 0, this.port);
    copy.local = this.local;
    copy.handled = this.handled;
    copy.largestFragment = this.largestFragment;
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
  get headerLength(): number {
    return (this.view.getUint8(this.start + IPV4.versionAndLength) & 0x0f) * 4;
  }
  /** First byte behind the IP header. */
  get transport(): number {
    return this.start + this.headerLength;
  }
  get transportLength(): number {
    return this.end - this.transport;
  }
  get tos(): number {
    return this.view.getUint8(this.start + IPV4.tos);
  }
  get id(): number {
    return this.view.getUint16(this.start + IPV4.id);
  }
  get ttl(): number {
    return this.view.getUint8(this.start + IPV4.ttl);
  }
  get protocol(): number {
    return this.view.getUint8(this.start + IPV4.protocol);
  }
  get source(): number {
    return this.view.getUint32(this.start + IPV4.source);
  }
  get destination(): number {
    return this.view.getUint32(this.start + IPV4.destination);
  }
  get dontFragment(): boolean {
    return (this.view.getUint16(this.start + IPV4.fragment) & 0x4000) !== 0;
  }
  get moreFragments(): boolean {
    return (this.view.getUint16(this.start + IPV4.fragment) & 0x2000) !== 0;
  }
  /** Where in the whole datagram this fragment's data begins, in bytes. */
  get fragmentOffset(): number {
    return (this.view.getUint16(this.start + IPV4.fragment) & 0x1fff) * 8;
  }
  get isFragment(): boolean {
    return (this.view.getUint16(this.start + IPV4.fragment) & 0x3fff) !== 0;
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
