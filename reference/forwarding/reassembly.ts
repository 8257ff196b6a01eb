import type { Clock, Task } from '../clock.ts';
import { internetChecksum } from '../wire/checksum.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { PacketBuffer } from './packet-buffer.ts';

/** Milliseconds until what is incomplete is given up (`net.ipv4.ipfrag_time`). */
const TIMEOUT = 30_000;
/** Datagrams in the making; a sender of lone fragments must not fill the memory. */
const LARGEST_COUNT = 1024;
const DONT_FRAGMENT = 0x4000;

/** Bits of ECN code points seen: 1 not capable, 2 ECT(1), 4 ECT(0), 8 congestion experienced. */
const CONGESTION = 8;
const NOT_CAPABLE = 1;

interface Datagram {
  /** By offset, not overlapping. */
  readonly fragments: PacketBuffer[];
  readonly timer: Task;
}

/** Puts fragments together (RFC 791 §3.2; net/ipv4/ip_fragment.c). A packet must be whole before it is balanced: only its first fragment has ports. */
export class Reassembly {
  readonly #clock: Clock;
  readonly #datagrams = new Map<string, Datagram>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes a fragment. Returns the whole datagram once nothing is missing. */
  add(fragment: PacketBuffer): PacketBuffer | undefined {
    const key = [fragment.source, fragment.destination, fragment.id, fragment.protocol].join();
    let datagram = this.#datagrams.get(key);
    if (datagram === undefined) {
      if (this.#datagrams.size === LARGEST_COUNT) return undefined;
      datagram = { fragments: [], timer: this.#clock.schedule(TIMEOUT, () => this.#datagrams.delete(key)) };
      this.#datagrams.set(key, datagram);
    }
    if (!insert(datagram.fragments, fragment)) {
      // RFC 5722 §4 forbids overlaps for IPv6; Linux drops such a datagram of either family whole.
      this.#forget(key, datagram);
      return undefined;
    }
    if (!isComplete(datagram.fragments)) return undefined;
    this.#forget(key, datagram);
    return assemble(datagram.fragments);
  }

  #forget(key: string, datagram: Datagram): void {
    this.#clock.cancel(datagram.timer);
    this.#datagrams.delete(key);
  }
}

const dataEnd = (fragment: PacketBuffer): number => fragment.fragmentOffset + fragment.transportLength;

/** Says no when the fragment overlaps another. One that is there already changes nothing. */
function insert(fragments: PacketBuffer[], fragment: PacketBuffer): boolean {
  // Only the last fragment may end on anything but a multiple of 8 (RFC 791 §3.2).
  if (fragment.transportLength === 0 || (fragment.moreFragments && fragment.transportLength % 8 !== 0)) return false;
  const from = fragment.fragmentOffset;
  const to = dataEnd(fragment);
  for (const other of fragments) {
    if (other.fragmentOffset === from && dataEnd(other) === to) return true;
    if (from < dataEnd(other) && other.fragmentOffset < to) return false;
  }
  fragments.push(fragment.copy());
  fragments.sort((a, b) => a.fragmentOffset - b.fragmentOffset);
  return true;
}

function isComplete(fragments: readonly PacketBuffer[]): boolean {
  let next = 0;
  for (const fragment of fragments) {
    if (fragment.fragmentOffset !== next) return false;
    next = dataEnd(fragment);
  }
  return fragments.at(-1)?.moreFragments === false;
}

/** The header is the first fragment's. */
function assemble(fragments: readonly PacketBuffer[]): PacketBuffer | undefined {
  const [first] = fragments;
  const last = fragments.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const length = first.headerLength + dataEnd(last);
  if (length > 65535) return undefined;
  const ecn = mergedEcn(fragments);
  if (ecn === undefined) return undefined;
  const whole = new PacketBuffer(length);
  whole.load(first.bytes.subarray(first.start, first.end), 0, first.port);
  whole.end = whole.start + length;
  for (const fragment of fragments) {
    whole.bytes.set(
      fragment.bytes.subarray(fragment.transport, fragment.end),
      whole.transport + fragment.fragmentOffset,
    );
  }
  const { view, start } = whole;
  const largest = Math.max(...fragments.map((fragment) => fragment.length));
  const largestUnbreakable = Math.max(
    0,
    ...fragments.filter((fragment) => fragment.dontFragment).map((fragment) => fragment.length),
  );
  view.setUint8(start + IPV4.tos, whole.tos | ecn);
  view.setUint16(start + IPV4.totalLength, length);
  view.setUint16(start + IPV4.fragment, largest === largestUnbreakable ? DONT_FRAGMENT : 0);
  view.setUint16(start + IPV4.checksum, 0);
  view.setUint16(start + IPV4.checksum, internetChecksum(view, start, whole.headerLength));
  whole.local = first.local;
  whole.largestFragment = largest;
  return whole;
}

/** RFC 3168 §5.3: congestion that one fragment met the datagram met; a mix of capable and not capable is refused. */
function mergedEcn(fragments: readonly PacketBuffer[]): number | undefined {
  const seen = fragments.reduce((bits, fragment) => bits | (1 << (fragment.tos & 3)), 0);
  if ((seen & NOT_CAPABLE) !== 0 && seen !== NOT_CAPABLE) return undefined;
  return (seen & CONGESTION) !== 0 ? 3 : 0;
}
