import { Random } from '../../reference/random.ts';
import type { Impairment } from '../lab/link.ts';

/** Milliseconds that a frame is held back at most: the last one of a connection is followed by none. */
export const LONGEST_HOLD = 20;
/** Frames that overtake one that is held back, at most. Three make a sender take it for lost (RFC 5681 §3.2). */
export const MOST_OVERTAKING = 4;

/** Spreads seeds that are close to each other: the first numbers of a xorshift generator are as small as its seed. */
const GOLDEN_RATIO = 0x9e3779b1;
const RESOLUTION = 2 ** 32;

type Send = (frame: Uint8Array) => void;

interface HeldFrame {
  readonly frame: Uint8Array;
  /** It goes when so many frames have passed in all, or at the instant `until`. */
  readonly after: number;
  readonly until: number;
}

/**
 * One direction of a cable that loses, doubles and reorders frames. What becomes of a frame depends on the seed and on how many came
 * before it, not on time: the same frames have the same fate again. Every choice is made for every frame, so a share changes nothing
 * about whom the others befall.
 */
export class BadCable {
  readonly #shares: Required<Omit<Impairment, 'seed'>>;
  readonly #random: Random;
  #held: readonly HeldFrame[] = [];
  #passed = 0;

  constructor({ loss = 0, reorder = 0, duplicate = 0, seed }: Impairment) {
    this.#shares = { loss, reorder, duplicate };
    this.#random = new Random(Math.imul(seed, GOLDEN_RATIO));
  }

  /** Milliseconds of the caller's clock at which {@link release} has something to do; Infinity: nothing is held back. */
  get nextDue(): number {
    return this.#held[0]?.until ?? Infinity;
  }

  /** A frame enters at `now`. It is sent before the call ends, or kept as a copy. */
  enter(frame: Uint8Array, now: number, send: Send): void {
    const isLost = this.#befalls(this.#shares.loss);
    const copies = this.#befalls(this.#shares.duplicate) ? 2 : 1;
    const isHeld = this.#befalls(this.#shares.reorder);
    const overtaking = 1 + this.#random.below(MOST_OVERTAKING);
    if (isLost) return;
    if (isHeld) {
      const held = { frame: frame.slice(), after: this.#passed + overtaking, until: now + LONGEST_HOLD };
      this.#held = [...this.#held, ...Array.from({ length: copies }, () => held)];
      return;
    }
    for (let copy = 0; copy < copies; copy++) send(frame);
    this.#passed++;
    this.release(now, send);
  }

  /** Lets go what was overtaken often enough, or has waited long enough. */
  release(now: number, send: Send): void {
    const isDue = ({ after, until }: HeldFrame): boolean => after <= this.#passed || until <= now;
    const due = this.#held.filter(isDue);
    if (due.length === 0) return;
    this.#held = this.#held.filter((held) => !isDue(held));
    for (const { frame } of due) send(frame);
  }

  #befalls(share: number): boolean {
    return this.#random.below(RESOLUTION) < share * RESOLUTION;
  }
}
