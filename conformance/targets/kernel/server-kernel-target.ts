import type { ServerSetup } from '../../../generators/real-server/server-setup.ts';
import type { ServerTarget } from '../server-target.ts';
import type { Feature, FrameReceiver, FrameSession } from '../target.ts';
import { GuestPool } from './guest-pool.ts';
import type { KernelInstallation } from './installation.ts';
import { ServerSession } from './server-session.ts';
import { seriesOf } from './suites.ts';

/** A kernel under User Mode Linux, arranged as a real server: one guest, since its cases are few. */
export class ServerKernelTarget implements ServerTarget {
  readonly id: string;
  readonly version: string;
  readonly description: string;
  readonly concurrency = 1;
  readonly #guests: GuestPool;

  constructor(installation: KernelInstallation) {
    this.version = installation.version;
    this.id = `server-kernel-${seriesOf(installation.version)}`;
    this.description = `Linux ${installation.version} as a real server (User Mode Linux)`;
    this.#guests = new GuestPool({ installation, role: 'server', size: this.concurrency, bootLimitMs: undefined });
  }

  /** `clock` only where a C compiler works. */
  get features(): ReadonlySet<Feature> {
    const clock: readonly Feature[] = this.#guests.hasClock ? ['clock'] : [];
    return new Set<Feature>(['nat', 'direct-route', 'tunnel', 'tcp', 'udp', ...clock]);
  }

  /** @throws {UnsupportedFeature} one line, when no guest can be booted here */
  start(): Promise<void> {
    return this.#guests.start();
  }

  stop(): Promise<void> {
    return this.#guests.stop();
  }

  openServer(setup: ServerSetup, receiver: FrameReceiver): Promise<FrameSession> {
    return this.#guests.lend((guest, release) => ServerSession.open({ guest, setup, receiver, release }));
  }
}
