import { FRAGMENT_HEADER } from '../wire/ipv6-fragment.ts';
import { IPV6, NEXT_HEADER } from '../wire/ipv6.ts';
import { FragmentData } from './fragment-data.ts';
import { mergedEcn } from './merged-ecn.ts';
import { PacketBuffer } from './packet-buffer.ts';
import type { Added, Partial } from './reassembly.ts';

const LARGEST_PAYLOAD = 65535;

/** An IPv6 datagram of which some fragments have come (net/ipv6/netfilter/nf_conntrack_reasm.c). */
export class PartialIpv6Datagram implements Partial {
  first: PacketBuffer | undefined;
  readonly #data = new FragmentData();
  readonly #pieces: { readonly from: number; readonly length: number }[] = [];
  #ecn = 0;
  #largest = 0;

  get size(): number {
    return this.#data.size + (this.first?.bytes.length ?? 0);
  }

  get isComplete(): boolean {
    return this.#data.isComplete;
  }

  add(fragment: PacketBuffer): Added {
    const { fragmentOffset: from, moreFragments, bytes, chain, end } = fragment;
    const data = bytes.subarray(chain.fragmentHeader + FRAGMENT_HEADER.headerLength, end);
    const to = from + data.length;
    if (to > LARGEST_PAYLOAD) return 'ignored';
    // RFC 8200 §4.5: only the last may end on anything but a multiple of 8.
    if (moreFragments && to % 8 !== 0) return 'unfit';
    if (this.#data.contradicts(to, !moreFragments)) return 'ignored';
    this.#data.endsAt(to, !moreFragments);
    if (data.length === 0) return 'ignored';
    const novelty = this.#data.put(from, data);
    if (novelty !== 'new') return novelty === 'known' ? 'ignored' : 'broken';
    if (from === 0) this.first = fragment.copy();
    this.#pieces.push({ from, length: data.length });
    this.#ecn |= 1 << (fragment.tos & 3);
    this.#largest = Math.max(this.#largest, fragment.length);
    return 'taken';
  }

  /** With the first fragment's headers, but the one that makes it a fragment. */
  assemble(): PacketBuffer | undefined {
    const { first } = this;
    const ecn = mergedEcn(this.#ecn);
    if (first === undefined || ecn === undefined) return undefined;
    const { chain, start } = first;
    const headers = chain.fragmentHeader - start;
    const payloadLength = headers - IPV6.headerLength + this.#data.end;
    if (payloadLength > LARGEST_PAYLOAD) return undefined;
    const whole = new PacketBuffer(IPV6.headerLength + payloadLength);
    whole.load(first.bytes.subarray(start, chain.fragmentHeader), 0, first.port);
    whole.bytes.set(this.#data.bytes, whole.end);
    whole.end = whole.start + IPV6.headerLength + payloadLength;
    const { view } = whole;
    const next = first.view.getUint8(chain.fragmentHeader + FRAGMENT_HEADER.nextHeader);
    view.setUint8(whole.start + chain.fragmentNamedAt - start, next);
    view.setUint16(whole.start + IPV6.payloadLength, payloadLength);
    view.setUint32(whole.start, view.getUint32(whole.start) | (ecn << 20));
    whole.headerIsNew(6);
    whole.local = first.local;
    whole.mark = first.mark;
    whole.toMany = first.toMany;
    whole.hasUnreadOptions = chain.fragmentNamedAt === start + IPV6.nextHeader && next === NEXT_HEADER.hopByHop;
    whole.largestFragment = this.#largest;
    whole.fragments = this.#pieces.sort((one, other) => one.from - other.from).map(({ length }) => length);
    return whole;
  }
}
