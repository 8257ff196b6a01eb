import type { Clock, Task } from '../clock.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { PartialDatagram } from './partial-datagram.ts';

/** Milliseconds until what is incomplete is given up (`net.ipv4.ipfrag_time`). */
const TIMEOUT = 30_000;
/** Bytes held at most (`net.ipv4.ipfrag_high_thresh`): a sender of lone fragments must not fill the memory. */
const MOST_BYTES = 4 * 2 ** 20;

interface Waiting {
  readonly datagram: PartialDatagram;
  readonly timer: Task;
}

/** Puts fragments together (RFC 791 §3.2; net/ipv4/ip_fragment.c). A packet must be whole before it is balanced: only its first fragment has ports. */
export class Reassembly {
  readonly #clock: Clock;
  readonly #expired: (first: PacketBuffer) => void;
  readonly #waiting = new Map<string, Waiting>();
  #heldBytes = 0;

  /** @param expired gets the first fragment of a datagram that did not become whole in time, if that one came */
  constructor(clock: Clock, expired: (first: PacketBuffer) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Bytes of memory that incomplete datagrams take. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a fragment. Returns the whole datagram once nothing is missing. */
  add(fragment: PacketBuffer): PacketBuffer | undefined {
    const key = [fragment.source, fragment.destination, fragment.id, fragment.protocol].join();
    let waiting = this.#waiting.get(key);
    if (waiting === undefined) {
      if (this.#heldBytes >= MOST_BYTES) return undefined;
      waiting = {
        datagram: new PartialDatagram(),
        timer: this.#clock.schedule(TIMEOUT, () => this.#expire(key)),
      };
      this.#waiting.set(key, waiting);
      this.#heldBytes += waiting.datagram.size;
    }
    const { datagram } = waiting;
    const before = datagram.size;
    const fits = datagram.add(fragment);
    this.#heldBytes += datagram.size - before;
    if (fits && !datagram.isComplete) return undefined;
    this.#forget(key, waiting);
    return fits ? datagram.assemble() : undefined;
  }

  #expire(key: string): void {
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#forget(key, waiting);
    const { first } = waiting.datagram;
    if (first !== undefined) this.#expired(first);
  }

  #forget(key: string, { datagram, timer }: Waiting): void {
    this.#clock.cancel(timer);
    this.#waiting.delete(key);
    this.#heldBytes -= datagram.size;
  }
}
