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
  readonly #port: Pick<FramePort, 'send' | 'receiver'>;
  readonly #mac: string;
  readonly #address: string;
  readonly #queue: Queued[] = [];
  /** What of the queue has gone. */
  #head = 0;
  /** Barriers under way in order, with the cost of what was sent since the one before. */
  readonly #barriers: { readonly number: number; readonly cost: number; readonly passed: (() => void) | null }[] = [];
  #next = 0;
  #underWay = 0;
  #sinceBarrier = 0;
  #fault: InternalFault | null = null;
  /** Of those who wait for a barrier. */
  readonly #rejections = new Set<(fault: InternalFault) => void>();
  /** Gets every frame but the answers to barriers. */
  receiver: ((frame: Uint8Array) => void) | null = null;
  /** Whether frames were sent since the last {@link pass}. */
  isDirty = false;

  /** @param mac the director's; @param address one that the director answers for */
  constructor(port: Pick<FramePort, 'send' | 'receiver'>, mac: string, address: string) {
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
    const timer = setTimeout(
      () => this.fail(new InternalFault(`The director did not answer a barrier within ${BARRIER_LIMIT_MS / 1000} s`)),
      BARRIER_LIMIT_MS,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        if (this.#fault !== null) throw this.#fault;
        this.#rejections.add(reject);
        const passed = (): void => {
          this.#rejections.delete(reject);
          resolve();
        };
        this.#queue.push({ barrier: passed });
        this.#pump();
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** No barrier will be passed any more. */
  fail(fault: InternalFault): void {
    this.#fault ??= fault;
    for (const reject of this.#rejections) reject(this.#fault);
    this.#rejections.clear();
  }

  close(): void {
    this.#port.receiver = null;
  }

  #pump(): void {
    for (let item = this.#queue[this.#head]; item !== undefined; item = this.#queue[this.#head]) {
      if ('barrier' in item) {
        this.#barrier(item.barrier);
      } else {
        const size = cost(item.frame.length);
        if (this.#underWay > 0 && this.#underWay + size > WINDOW) {
          // Something must tell when there is room again.
          if (this.#barriers.length === 0) this.#barrier(null);
          return;
        }
        this.#underWay += size;
        this.#sinceBarrier += size;
        this.#port.send(item.frame);
        // Two in a window, so that the director never waits for us.
        if (this.#sinceBarrier >= WINDOW / 2) this.#barrier(null);
      }
      this.#head++;
    }
    this.#queue.length = 0;
    this.#head = 0;
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
