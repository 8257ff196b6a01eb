import type { Clock, Task } from '../clock.ts';
import { SyncBuffer } from './sync-buffer.ts';
import type { SyncEntry } from './sync-entry.ts';
import type { SyncVersion } from './sync-message.ts';

/** Milliseconds after which a message that is not full leaves (`IPVS_SYNC_FLUSH_TIME`), and how often that is looked at (`IPVS_SYNC_CHECK_PERIOD`). */
const FLUSH_AFTER = 2000;
const CHECK_PERIOD = 1000;
/** Milliseconds that full messages wait for more (`IPVS_SYNC_SEND_DELAY`), and how many of them wait for nothing (`IPVS_SYNC_WAKEUP_RATE`). */
const SEND_DELAY = 20;
const WAKING_COUNT = 8;

export interface SyncSenderOptions {
  readonly clock: Clock;
  readonly syncId: number;
  /** Bytes of a message. */
  readonly maxLength: number;
  readonly queueLimit: () => number;
  readonly send: (message: Uint8Array) => void;
}

/**
 * One of the master's threads (ip_vs_sync.c:sync_thread_master): fills messages and sends those that are full, or have waited for long enough.
 * It sleeps; what wakes it are a second that passed and full messages.
 */
export class SyncSender {
  readonly #options: SyncSenderOptions;
  #buffer: SyncBuffer | undefined;
  readonly #queue: Uint8Array[] = [];
  /** The instant (ms) at which it fell asleep: it wakes whole seconds later. */
  #asleepSince: number;
  #flush: Task | undefined;
  #wake: Task | undefined;

  constructor(options: SyncSenderOptions) {
    this.#options = options;
    this.#asleepSince = options.clock.now;
  }

  /** Adds an entry to the message at hand; one of another version, or without room for it, is full. */
  add(version: SyncVersion, entry: SyncEntry): void {
    const { clock, syncId, maxLength } = this.#options;
    if (this.#buffer !== undefined && (this.#buffer.version !== version || !this.#buffer.fits(entry))) {
      this.#enqueue(this.#buffer.message());
      this.#buffer = undefined;
    }
    this.#buffer ??= new SyncBuffer(version, syncId, maxLength, clock.now);
    this.#buffer.add(entry);
    this.#flush ??= this.#scheduleFlush(this.#buffer);
  }

  /** What was not sent by now is lost. */
  stop(): void {
    const { clock } = this.#options;
    for (const task of [this.#flush, this.#wake]) if (task !== undefined) clock.cancel(task);
  }

  #enqueue(message: Uint8Array): void {
    const { clock, queueLimit } = this.#options;
    if (this.#queue.length >= queueLimit()) return;
    this.#queue.push(message);
    if (this.#queue.length === WAKING_COUNT) this.#awake();
    else this.#wake ??= clock.schedule(SEND_DELAY, () => this.#awake());
  }

  #awake(): void {
    const { clock, send } = this.#options;
    if (this.#wake !== undefined) clock.cancel(this.#wake);
    if (this.#flush !== undefined) clock.cancel(this.#flush);
    this.#wake = undefined;
    this.#flush = undefined;
    this.#asleepSince = clock.now;
    for (const message of this.#queue.splice(0)) send(message);
    if (this.#buffer === undefined) return;
    if (clock.now - this.#buffer.begun < FLUSH_AFTER) {
      this.#flush = this.#scheduleFlush(this.#buffer);
      return;
    }
    send(this.#buffer.message());
    this.#buffer = undefined;
  }

  /** At the first waking that finds the message old enough. */
  #scheduleFlush({ begun }: SyncBuffer): Task {
    const { clock } = this.#options;
    const seconds = Math.ceil((begun + FLUSH_AFTER - this.#asleepSince) / CHECK_PERIOD);
    return clock.schedule(this.#asleepSince + seconds * CHECK_PERIOD - clock.now, () => this.#awake());
  }
}
