import type { Clock, Task } from '../clock.ts';
import type { PacketBuffer } from './packet-buffer.ts';

/** Bytes held at most (`net.ipv4.ipfrag_high_thresh`, `nf_conntrack_frag6_high_thresh`): a sender of lone fragments must not fill the memory. */
const MOST_BYTES = 4 * 2 ** 20;
/** Bytes that a datagram takes beside its data: objects, a timer, a place in a map. */
const OVERHEAD = 512;

/**
 * What became of a fragment: it is kept; it is dropped; it does not go with the others, which are all worth nothing now; or it is no
 * fragment that could be put together, and goes on as it is.
 */
export type Added = 'taken' | 'ignored' | 'broken' | 'unfit';

/** A datagram of which some fragments have come. */
export interface Partial {
  /** The fragment with offset 0, if it came. */
  readonly first: PacketBuffer | undefined;
  /** Bytes of memory it takes, about. */
  readonly size: number;
  readonly isComplete: boolean;
  add(fragment: PacketBuffer): Added;
  /** The whole datagram, once it is complete. Nothing if it cannot be one. */
  assemble(): PacketBuffer | undefined;
}

/** What is different for the two families. */
export interface ReassemblyRules {
  /** Milliseconds until what is incomplete is given up. */
  readonly timeout: number;
  /** Fragments of one datagram have the same. */
  readonly keyOf: (fragment: PacketBuffer) => string;
  readonly begin: () => Partial;
  /** Gets the first fragment of a datagram that did not become whole in time, if that one came. */
  readonly expired: (first: PacketBuffer) => void;
}

interface Waiting {
  readonly datagram: Partial;
  readonly timer: Task;
}

/** Puts fragments together (RFC 791 §3.2, RFC 8200 §4.5). A packet must be whole before it is balanced: only its first fragment has ports. */
export class Reassembly {
  readonly #clock: Clock;
  readonly #rules: ReassemblyRules;
  readonly #waiting = new Map<string, Waiting>();
  #heldBytes = 0;

  constructor(clock: Clock, rules: ReassemblyRules) {
    this.#clock = clock;
    this.#rules = rules;
  }

  /** Bytes of memory that incomplete datagrams take. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a fragment. Returns the whole datagram once nothing is missing, or the fragment itself if it is unfit. */
  add(fragment: PacketBuffer): PacketBuffer | undefined {
    const key = this.#rules.keyOf(fragment);
    const waiting = this.#waiting.get(key) ?? this.#begin(key);
    if (waiting === undefined) return undefined;
    const { datagram } = waiting;
    const before = datagram.size;
    const added = datagram.add(fragment);
    this.#heldBytes += datagram.size - before;
    const isWhole = added === 'taken' && datagram.isComplete;
    if (isWhole || added === 'broken' || added === 'unfit') this.#forget(key, waiting);
    if (added === 'unfit') return fragment;
    return isWhole ? datagram.assemble() : undefined;
  }

  #begin(key: string): Waiting | undefined {
    if (this.#heldBytes >= MOST_BYTES) return undefined;
    const timer = this.#clock.schedule(this.#rules.timeout, () => this.#expire(key));
    const waiting = { datagram: this.#rules.begin(), timer };
    this.#waiting.set(key, waiting);
    this.#heldBytes += waiting.datagram.size + OVERHEAD;
    return waiting;
  }

  #expire(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#forget(key, waiting);
    const { first } = waiting.datagram;
    if (first !== undefined) this.#rules.expired(first);
  }

  #forget(key: string, { datagram, timer }: Waiting): void {
    this.#clock.cancel(timer);
    this.#waiting.delete(key);
    this.#heldBytes -= datagram.size + OVERHEAD;
  }
}
