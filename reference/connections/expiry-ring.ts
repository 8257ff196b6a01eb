import { NONE, RECORD } from './connection-record.ts';

const SLOTS = 4096;
const SLOT_MILLISECONDS = 1000;

/**
 * When connections expire. A ring of one-second slots, each a doubly linked list through the connection records.
 *
 * A timer is re-armed for every packet, nearly always to a later instant. That only writes the record; the entry stays in its
 * slot and moves on when the slot comes round (a lazy timer). So re-arming costs one store, and no list is touched.
 */
export class ExpiryRing {
  readonly #heads = new Int32Array(SLOTS).fill(NONE);
  /** The first slot not yet wholly in the past, as an absolute number of seconds. */
  #second = 0;
  /** No entry expires before this instant (ms). */
  #soonest = Infinity;

  /** No timer is due before this instant (ms); by then perhaps none is either. */
  get soonest(): number {
    return this.#soonest;
  }

  /** Arms or re-arms a connection's timer. `view` holds the records. */
  arm(view: DataView, connection: number, expires: number): void {
    const record = connection * RECORD.size;
    view.setFloat64(record + RECORD.expires, expires, true);
    const armed = view.getInt32(record + RECORD.timerSlot, true);
    const second = this.#slotSecond(expires);
    if (expires < this.#soonest) this.#soonest = expires;
    if (armed !== NONE) {
      if (armed <= second) return;
      this.remove(view, connection);
    }
    this.#insert(view, record, connection, second);
  }

  remove(view: DataView, connection: number): void {
    const record = connection * RECORD.size;
    const second = view.getInt32(record + RECORD.timerSlot, true);
    if (second === NONE) return;
    const next = view.getInt32(record + RECORD.timerNext, true);
    const previous = view.getInt32(record + RECORD.timerPrevious, true);
    if (previous === NONE) this.#heads[second % SLOTS] = next;
    else view.setInt32(previous * RECORD.size + RECORD.timerNext, next, true);
    if (next !== NONE) view.setInt32(next * RECORD.size + RECORD.timerPrevious, previous, true);
    view.setInt32(record + RECORD.timerSlot, NONE, true);
  }

  /** Takes out and returns every connection that expires at or before `now` (ms), the earliest first. */
  due(view: DataView, now: number): number[] {
    if (now < this.#soonest) return [];
    const due: number[] = [];
    const last = Math.floor(now / SLOT_MILLISECONDS);
    // After a jump beyond the ring's length one round visits every slot.
    const first = Math.max(this.#second, last - SLOTS + 1);
    this.#soonest = Infinity;
    for (let second = first; second <= last; second++) {
      this.#second = second;
      this.#sweep(view, second, now, due);
    }
    if (this.#soonest === Infinity) this.#soonest = (last + 1) * SLOT_MILLISECONDS;
    const expires = (connection: number): number => view.getFloat64(connection * RECORD.size + RECORD.expires, true);
    return due.sort((a, b) => expires(a) - expires(b));
  }

  #sweep(view: DataView, second: number, now: number, due: number[]): void {
    let next: number;
    for (let connection = this.#heads[second % SLOTS] ?? NONE; connection !== NONE; connection = next) {
      const record = connection * RECORD.size;
      next = view.getInt32(record + RECORD.timerNext, true);
      const expires = view.getFloat64(record + RECORD.expires, true);
      if (expires <= now) {
        this.remove(view, connection);
        due.push(connection);
      } else if (this.#slotSecond(expires) !== second) {
        this.remove(view, connection);
        this.#insert(view, record, connection, this.#slotSecond(expires));
      } else if (expires < this.#soonest) {
        this.#soonest = expires;
      }
    }
  }

  /** The slot for an instant: at most one round ahead; from there the entry is passed on. */
  #slotSecond(expires: number): number {
    const second = Math.floor(expires / SLOT_MILLISECONDS);
    return Math.min(Math.max(second, this.#second), this.#second + SLOTS - 1);
  }

  #insert(view: DataView, record: number, connection: number, second: number): void {
    const head = this.#heads[second % SLOTS] ?? NONE;
    view.setInt32(record + RECORD.timerSlot, second, true);
    view.setInt32(record + RECORD.timerPrevious, NONE, true);
    view.setInt32(record + RECORD.timerNext, head, true);
    if (head !== NONE) view.setInt32(head * RECORD.size + RECORD.timerPrevious, connection, true);
    this.#heads[second % SLOTS] = connection;
  }
}
