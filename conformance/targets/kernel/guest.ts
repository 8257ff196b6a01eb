import { InternalFault } from '../../../reference/errors.ts';
import type { Agent, Operation } from './agent.ts';
import type { Clock } from './clock.ts';
import type { FramePort } from './frame-port.ts';
import type { GuestProcess } from './guest-process.ts';

/** A guest that has not answered for so long may be asleep. */
const WAKE_MS = 20;

/** An Ethernet device of a guest. While no session uses it, it is down, in the guest's first network namespace. */
export interface Device {
  readonly name: string;
  /** The same in every namespace. */
  readonly index: number;
  /** Largest MTU, in bytes. */
  readonly mtu: number;
  readonly port: FramePort;
}

export interface GuestParts {
  readonly process: GuestProcess;
  readonly agent: Agent;
  readonly ports: readonly FramePort[];
  readonly clock: Clock | null;
}

/** A booted kernel with IPVS loaded. */
export class Guest {
  readonly devices: readonly Device[];
  /** The agent's file number of the guest's first network namespace. */
  readonly home: number;
  readonly #parts: GuestParts;
  #usable = true;
  /** Told once when the guest is lost: the session it has at that time. */
  onLost: ((fault: InternalFault) => void) | null = null;

  constructor(parts: GuestParts, devices: readonly Device[], home: number) {
    this.#parts = parts;
    this.devices = devices;
    this.home = home;
    void parts.process.ended.then((how) => this.#fail(`The guest ended (${how}): ${parts.process.lastWords()}`));
    for (const port of parts.ports) port.onFault = (reason) => this.#fail(reason);
  }

  /** False once anything went wrong: then nothing it says counts, and it is to be stopped. */
  get usable(): boolean {
    return this.#usable;
  }

  /** False where the clock could not be preloaded. */
  get hasClock(): boolean {
    return this.#parts.clock !== null;
  }

  /** @throws {OperationFailed} when the guest refuses one; InternalFault when there is no guest any more */
  perform(...operations: readonly Operation[]): Promise<Buffer[]> {
    return this.awake(this.#parts.agent.perform(...operations));
  }

  /**
   * Waits for what the guest is to do, and keeps it from sleeping over it: an interrupt that comes as Linux 5.10 falls asleep is lost, and
   * it sleeps until its next timer, which may be seconds.
   */
  async awake<T>(work: Promise<T>): Promise<T> {
    const waking = setInterval(() => this.#parts.process.interruptTimer(), WAKE_MS);
    try {
      return await work;
    } finally {
      clearInterval(waking);
    }
  }

  /**
   * Moves the guest's clock and resolves when everything due by then has been done.
   *
   * The guest has asked the host for its next timer interrupt as so many nanoseconds from then, so without help it would notice the jump
   * up to a tick (10 ms) late, and while idle up to 4 s.
   */
  async jump(seconds: number): Promise<void> {
    this.#parts.clock?.jump(seconds);
    this.#parts.process.interruptTimer();
    await this.perform();
  }

  /** Marks the guest as not to be used again. */
  condemn(): void {
    this.#usable = false;
  }

  async stop(): Promise<void> {
    this.#fail('The guest was stopped');
    await releaseGuest(this.#parts);
  }

  #fail(reason: string): void {
    this.#usable = false;
    const fault = new InternalFault(reason);
    this.#parts.agent.fail(fault);
    this.onLost?.(fault);
  }
}

/** Ends a guest, booted or not, and closes all that is ours of it. */
export const releaseGuest = async ({ process, ports, clock }: GuestParts): Promise<void> => {
  await process.stop();
  for (const port of ports) port.close();
  clock?.close();
};
