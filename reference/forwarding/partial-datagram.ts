import { internetChecksum } from '../wire/checksum.ts';
import { FRAGMENT, IPV4 } from '../wire/ipv4.ts';
import { PacketBuffer } from './packet-buffer.ts';

const LARGEST_DATAGRAM = 65535;
/** Bytes that a datagram takes beside its data: this object, its timer, its place in a map. */
const OVERHEAD = 512;

/** Bits of ECN code points seen: 1 not capable, 2 ECT(1), 4 ECT(0), 8 congestion experienced. */
const CONGESTION = 8;
const NOT_CAPABLE = 1;

/** A datagram of which some fragments have come. */
export class PartialDatagram {
  /** The fragment with offset 0, if it came. */
  first: PacketBuffer | undefined;
  #data = new Uint8Array(0);
  /** 1 for each eight bytes of the data that are there. */
  #there = new Uint8Array(0);
  #count = 0;
  /** End of the furthest fragment, in bytes; the datagram's own once the last is there. */
  #end = 0;
  #isEndKnown = false;
  #ecn = 0;
  #largest = 0;
  #largestUnbreakable = 0;

  /** Bytes of memory it takes, about. */
  get size(): number {
    return OVERHEAD + this.#data.length + this.#there.length + (this.first?.bytes.length ?? 0);
  }

  get isComplete(): boolean {
    return this.#isEndKnown && this.#count === Math.ceil(this.#end / 8);
  }

  /** Takes a fragment. Says no if it does not go with the others: then the datagram is worth nothing. */
  add(fragment: PacketBuffer): boolean {
    const { fragmentOffset: from, transport, moreFragments } = fragment;
    // Only the last fragment may end on anything but a multiple of 8 (RFC 791 §3.2; ip_frag_queue cuts the rest off).
    const length = moreFragments ? fragment.transportLength & ~7 : fragment.transportLength;
    const to = from + length;
    if (length === 0 || (this.#isEndKnown ? to > this.#end : !moreFragments && to < this.#end)) return false;
    if (this.#isEndKnown && !moreFragments && to !== this.#end) return false;
    const firstEighth = from / 8;
    const lastEighth = Math.ceil(to / 8);
    const known = this.#there.subarray(firstEighth, lastEighth).reduce((sum, there) => sum + there, 0);
    // What is there already, wholly, changes nothing. RFC 5722 §4 forbids overlaps for IPv6; Linux does for either family.
    if (known > 0) return known === lastEighth - firstEighth;
    this.#makeRoom(to);
    this.#data.set(fragment.bytes.subarray(transport, transport + length), from);
    this.#there.fill(1, firstEighth, lastEighth);
    this.#count += lastEighth - firstEighth;
    this.#end = Math.max(this.#end, to);
    if (!moreFragments) this.#isEndKnown = true;
    if (from === 0) {
      this.first = fragment.copy();
      this.first.end = this.first.transport + length;
    }
    const size = fragment.headerLength + length;
    this.#ecn |= 1 << (fragment.tos & 3);
    this.#largest = Math.max(this.#largest, size);
    if (fragment.dontFragment) this.#largestUnbreakable = Math.max(this.#largestUnbreakable, size);
    return true;
  }

  /** The whole datagram with its first fragment's header, once it is complete. Nothing if it cannot be one. */
  assemble(): PacketBuffer | undefined {
    const { first } = this;
    const ecn = mergedEcn(this.#ecn);
    if (first === undefined || ecn === undefined) return undefined;
    const { headerLength } = first;
    const length = headerLength + this.#end;
    if (length > LARGEST_DATAGRAM) return undefined;
    const whole = new PacketBuffer(length);
    whole.load(first.bytes.subarray(first.start, first.transport), 0, first.port);
    whole.bytes.set(this.#data.subarray(0, this.#end), whole.end);
    whole.end = whole.start + length;
    const { view, start } = whole;
    view.setUint8(start + IPV4.tos, whole.tos | ecn);
    view.setUint16(start + IPV4.totalLength, length);
    view.setUint16(start + IPV4.fragment, this.#largest === this.#largestUnbreakable ? FRAGMENT.df : 0);
    view.setUint16(start + IPV4.checksum, 0);
    view.setUint16(start + IPV4.checksum, internetChecksum(view, start, headerLength));
    whole.local = first.local;
    whole.largestFragment = this.#largest;
    return whole;
  }

  #makeRoom(length: number): void {
    if (length <= this.#data.length) return;
    const capacity = Math.ceil(Math.max(length, this.#data.length * 2) / 8);
    const data = new Uint8Array(capacity * 8);
    const there = new Uint8Array(capacity);
    data.set(this.#data);
    there.set(this.#there);
    this.#data = data;
    this.#there = there;
  }
}

/** RFC 3168 §5.3: congestion that one fragment met the datagram met; a mix of capable and not capable is refused. */
function mergedEcn(seen: number): number | undefined {
  if ((seen & NOT_CAPABLE) !== 0 && seen !== NOT_CAPABLE) return undefined;
  return (seen & CONGESTION) !== 0 ? 3 : 0;
}
