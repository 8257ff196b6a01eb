import { InternalFault } from '../../../reference/errors.ts';
import { BARRIER_NUMBERS, barrierAnswer, barrierFrame } from './barrier.ts';
import type { FramePort } from './frame-port.ts';

const BARRIER_LIMIT_MS = 5000;
/**
 * Bytes that may be under way on one port. The guest's socket has the host's default receive buffer (208 KiB on Linux), which counts
 * whole allocations; what the director makes of these bytes must fit in our own.
 */
const WINDOW = 96 * 1024;

/** What a datagram takes from a receive buffer: the allocation for its data, a power of two, and the sk_buff (skbuff.h:SKB_TRUESIZE). */
const cost = (length: number): number => 256 + 2 ** Math.ceil(Math.log2(length + 420));

type Queued = { readonly frame: Uint8Array } | { readonly barrier: () => void };

/** One port during one session: bounds what is under way, and knows when everything sent has been dealt with. */
export class FrameLink {
  readonly #port: FramePort;
  readonly #mac: string;
  readonly #address: string;
  readonly #queue: Queued[] = [];
  /** Barriers under way in order, with the cost of what was sent since the one before. */
  readonly #barriers: { readonly number: number; readonly cost: number; readonly passed: (() => void) | null }[] = [];
  #next = 0;
  #underWay = 0;
  #sinceBarrier = 0;
  /** Gets every frame but the answers to barriers. */
  receiver: ((frame: Uint8Array) => void) | null = null;
  /** Whether frames were sent since the last {@link pass}. */
  isDirty = false;

  /** @param mac the director's; @param address one that the director answers for */
  constructor(port: FramePort, mac: string, address: string) {
    this.#port = port;
    this.#mac = mac;
    this.#address = address;
    port.receiver = (frame) => {
      const number = barrierAnswer(frame);
      if (number === null) this.receiver?.(frame);
      else this.#passed(number);
    };
  }

  send(frame: Uint8Array): void {
    this.isDirty = true;
    this.#queue.push({ frame });
    this.#pump();
  }

  /**
   * Resolves when the director has dealt with all frames sent so far, and what it had sent here by then was delivered.
   * @throws {InternalFault} when that does not happen in a time far beyond any burst's
   */
  async pass(): Promise<void> {
    this.isDirty = false;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = setTimeout(
          () => reject(new InternalFault(`The director did not answer a barrier within ${BARRIER_LIMIT_MS / 1000} s`)),
          BARRIER_LIMIT_MS,
        );
        this.#queue.push({ barrier: resolve });
        this.#pump();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#port.receiver = null;
  }

  #pump(): void {
    for (let item = this.#queue[0]; item !== undefined; item = this.#queue[0]) {
      if ('barrier' in item) {
        this.#barrier(item.barrier);
      } else {
        const size = cost(item.frame.length);
        if (this.#underWay > 0 && this.#underWay + size > WINDOW) return;
        this.#underWay += size;
        this.#sinceBarrier += size;
        this.#port.send(item.frame);
        // Two in a window, so that the director never waits for us.
        if (this.#sinceBarrier >= WINDOW / 2) this.#barrier(null);
      }
      this.#queue.shift();
    }
  }

  #barrier(passed: (() => void) | null): void {
    const number = this.#next;
    this.#next = (this.#next + 1) % BARRIER_NUMBERS;
    this.#barriers.push({ number, cost: this.#sinceBarrier, passed });
    this.#sinceBarrier = 0;
    this.#port.send(barrierFrame(number, this.#mac, this.#address));
  }

  #passed(number: number): void {
    const index = this.#barriers.findIndex((barrier) => barrier.number === number);
    for (const barrier of this.#barriers.splice(0, index + 1)) {
      this.#underWay -= barrier.cost;
      barrier.passed?.();
    }
    this.#pump();
  }
}
