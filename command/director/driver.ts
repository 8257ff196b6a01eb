import { Director } from '../../reference/director.ts';
import type { Environment } from '../../reference/environment.ts';
import { PROFILES } from '../../reference/profile.ts';
import { announcements } from './announcements.ts';
import { finishFrame } from './finish-frame.ts';
import type { FrameLink, Host } from './host.ts';
import type { HostShare } from './host-share.ts';

/** Batches taken from one link before the others, and the clock, have their turn. */
const MOST_BATCHES = 16;

export interface DriverOptions {
  readonly host: Host;
  readonly environment: Environment;
  /** One for each port of the environment. */
  readonly links: readonly FrameLink[];
  /** By port; undefined where the director shares nothing with the host's kernel. */
  readonly shares: readonly (HostShare | undefined)[];
}

/** Drives a director by the interfaces and the clock of a host. */
export class Driver {
  readonly director: Director;
  readonly #host: Host;
  readonly #environment: Environment;
  readonly #links: readonly FrameLink[];
  readonly #shares: readonly (HostShare | undefined)[];
  readonly #started: number;

  constructor({ host, environment, links, shares }: DriverOptions) {
    this.#host = host;
    this.#environment = environment;
    this.#links = links;
    this.#shares = shares;
    this.#started = host.now();
    this.director = new Director({
      environment,
      profile: PROFILES.linux,
      transmit: (port, frame) => links[port]?.send(frame),
    });
  }

  /** Tells everybody on the wires that the addresses are here now. */
  announce(virtualAddresses: readonly string[]): void {
    for (const { port, frame } of announcements(this.#environment, virtualAddresses)) this.#links[port]?.send(frame);
    this.#flush();
  }

  /** Waits for a frame, the director's next timer, a call of the host's `wake` or the instant `until` (of the host's clock), and does what is due. */
  async step(until = Infinity): Promise<void> {
    const due = Math.min(this.#started + this.director.nextDue, until);
    await this.#host.wait(due - this.#host.now());
    this.catchUp();
    this.#links.forEach((link, port) => {
      for (let batch = 0; batch < MOST_BATCHES && this.#receive(link, port) > 0; batch++);
    });
    this.#flush();
  }

  #receive(link: FrameLink, port: number): number {
    const share = this.#shares[port];
    const accept = (frame: Uint8Array): void => {
      if (share?.isForKernel(frame) !== true) this.director.receive(port, frame);
    };
    return link.receive((frame, unfinished) => {
      if (unfinished === undefined) accept(frame);
      else finishFrame(frame, unfinished, accept);
    });
  }

  /** Brings the director to the present: to be called before it is asked or told anything. */
  catchUp(): void {
    this.director.advance(Math.max(this.#host.now() - this.#started - this.director.now, 0));
  }

  #flush(): void {
    for (const link of this.#links) link.flush();
  }
}
