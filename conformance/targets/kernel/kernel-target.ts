import { availableParallelism } from 'node:os';
import type { Environment } from '../../../reference/environment.ts';
import { linuxProfile } from '../../../reference/linux-profile.ts';
import type { Profile } from '../../../reference/profile.ts';
import { featuresOfProfile } from '../features-of-profile.ts';
import type { Feature, FrameReceiver, Session, Target } from '../target.ts';
import { GuestPool } from './guest-pool.ts';
import type { KernelInstallation } from './installation.ts';
import { KernelSession } from './kernel-session.ts';
import { moduleFiles } from './modules.ts';
import { seriesOf } from './suites.ts';

/** More guests than this have nothing to do: the harness, one process, feeds them all. */
const MOST_GUESTS = 4;

export interface KernelTargetOptions {
  /** How many guests run side by side. Default: one for each CPU, four at most. */
  readonly guests?: number;
  /** Milliseconds after which a guest that does not answer is given up. Default 20,000. */
  readonly bootLimitMs?: number;
}

/** The kernel's own IPVS under User Mode Linux: several guests, each with one session at a time. */
export class KernelTarget implements Target {
  readonly id: string;
  readonly version: string;
  readonly profile: Profile;
  readonly concurrency: number;
  readonly #installation: KernelInstallation;
  readonly #guests: GuestPool;
  /** Names of the modules that a guest loads. */
  readonly #modules: ReadonlySet<string>;

  constructor(installation: KernelInstallation, options: KernelTargetOptions = {}) {
    this.#installation = installation;
    this.#modules = new Set(moduleFiles(installation.modules, 'director').map(({ name }) => name));
    this.version = installation.version;
    this.profile = linuxProfile(installation.version);
    this.id = `kernel-${seriesOf(installation.version)}`;
    this.concurrency = options.guests ?? Math.min(availableParallelism(), MOST_GUESTS);
    const { bootLimitMs } = options;
    this.#guests = new GuestPool({ installation, role: 'director', size: this.concurrency, bootLimitMs });
  }

  get description(): string {
    const packaged = this.#installation.packages['user-mode-linux'];
    const origin = packaged === undefined ? 'User Mode Linux' : `User Mode Linux, Debian ${packaged}`;
    const lack = this.#guests.hasClock ? '' : '; its clock cannot be moved, for want of a C compiler';
    return `Linux ${this.version} IPVS (${origin})${lack}`;
  }

  /** All that a kernel of its version has, but schedulers that it was built without, and `clock` where no C compiler works. */
  get features(): ReadonlySet<Feature> {
    const has = (feature: Feature): boolean => {
      const [, scheduler] = /^scheduler\.(.*)/.exec(feature) ?? [];
      if (scheduler !== undefined) return this.#modules.has(`ip_vs_${scheduler}`);
      // Linux 7.2 is built without the tables that iptables writes to.
      if (feature === 'fwmark') return this.#modules.has('iptable_mangle');
      return feature !== 'clock' || this.#guests.hasClock;
    };
    return new Set([...featuresOfProfile(this.profile)].filter(has));
  }

  /** @throws {UnsupportedFeature} one line, when no guest can be booted here */
  start(): Promise<void> {
    return this.#guests.start();
  }

  stop(): Promise<void> {
    return this.#guests.stop();
  }

  open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    return this.#guests.lend((guest, release) => KernelSession.open({ guest, environment, receiver, release }));
  }
}
