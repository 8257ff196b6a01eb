import { internetChecksum } from '../wire/checksum.ts';
import { FRAGMENT, IPV4 } from '../wire/ipv4.ts';
import { FragmentData } from './fragment-data.ts';
import { mergedEcn } from './merged-ecn.ts';
import { PacketBuffer } from './packet-buffer.ts';
import type { Added, Partial } from './reassembly.ts';

const LARGEST_DATAGRAM = 65535;

/** An IPv4 datagram of which some fragments have come (net/ipv4/ip_fragment.c). */
export class PartialDatagram implements Partial {
  first: PacketBuffer | undefined;
  readonly #data = new FragmentData();
  readonly #pieces: { readonly from: number; readonly length: number }[] = [];
  #ecn = 0;
  #largest = 0;
  #largestUnbreakable = 0;

  get size(): number {
    return this.#data.size + (this.first?.bytes.length ?? 0);
  }

  get isComplete(): boolean {
    return this.#data.isComplete;
  }

  add(fragment: PacketBuffer): Added {
    const { fragmentOffset: from, transport, moreFragments } = fragment;
    // Only the last fragment may end on anything but a multiple of 8 (RFC 791 §3.2; ip_frag_queue cuts the rest off).
    const length = moreFragments ? fragment.transportLength & ~7 : fragment.transportLength;
    const to = from + length;
    if (length === 0 || this.#data.contradicts(to, !moreFragments)) return 'broken';
    const novelty = this.#data.put(from, fragment.bytes.subarray(transport, transport + length));
    // What is there already, wholly, changes nothing. RFC 5722 §4 forbids overlaps for IPv6; Linux does for either family.
    if (novelty !== 'new') return novelty === 'known' ? 'taken' : 'broken';
    this.#data.endsAt(to, !moreFragments);
    if (from === 0) {
      this.first = fragment.copy();
      this.first.end = this.first.transport + length;
    }
    this.#pieces.push({ from, length });
    const size = fragment.headerLength + length;
    this.#ecn |= 1 << (fragment.tos & 3);
    this.#largest = Math.max(this.#largest, size);
    if (fragment.dontFragment) this.#largestUnbreakable = Math.max(this.#largestUnbreakable, size);
    return 'taken';
  }

  /** With the first fragment's header. */
  assemble(): PacketBuffer | undefined {
    const { first } = this;
    const ecn = mergedEcn(this.#ecn);
    if (first === undefined || ecn === undefined) return undefined;
    const { headerLength } = first;
    const length = headerLength + this.#data.end;
    if (length > LARGEST_DATAGRAM) return undefined;
    const whole = new PacketBuffer(length);
    whole.load(first.bytes.subarray(first.start, first.transport), 0, first.port);
    whole.bytes.set(this.#data.bytes, whole.end);
    whole.end = whole.start + length;
    const { view, start } = whole;
    view.setUint8(start + IPV4.tos, whole.tos | ecn);
    view.setUint16(start + IPV4.totalLength, length);
    view.setUint16(start + IPV4.fragment, this.#largest === this.#largestUnbreakable ? FRAGMENT.df : 0);
    view.setUint16(start + IPV4.checksum, 0);
    view.setUint16(start + IPV4.checksum, internetChecksum(view, start, headerLength));
    whole.local = first.local;
    whole.mark = first.mark;
    whole.largestFragment = this.#largest;
    // At its destination its data becomes one (ip_frag_coalesce_ok): then nobody knows how it came.
    if (!whole.local) {
      whole.fragments = this.#pieces.sort((one, other) => one.from - other.from).map(({ length: bytes }) => bytes);
    }
    return whole;
  }
}
