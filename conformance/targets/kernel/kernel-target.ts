import { availableParallelism } from 'node:os';
import type { Environment } from '../../../reference/environment.ts';
import { InternalFault } from '../../../reference/errors.ts';
import { linuxProfile } from '../../../reference/linux-profile.ts';
import type { Profile } from '../../../reference/profile.ts';
import { type Feature, FEATURES, type FrameReceiver, type Session, type Target } from '../target.ts';
import { bootGuest, GUEST_MEMORY, type GuestOptions } from './boot-guest.ts';
import { CLOCK_SOURCE } from './clock-source.ts';
import { compileLibrary } from './compile-library.ts';
import { usableCpus } from './cpus.ts';
import type { Guest } from './guest.ts';
import type { KernelInstallation } from './installation.ts';
import { IPVSADM_SERVER_SOURCE } from './ipvsadm-server-source.ts';
import { KernelSession } from './kernel-session.ts';
import { memoryFolder } from './memory-folder.ts';
import { removeOwnFolder } from './own-folders.ts';
import { createRunFolder } from './run-folder.ts';
import { seriesOf } from './suites.ts';

/** More guests than this have nothing to do: the harness, one process, feeds them all. */
const MOST_GUESTS = 4;

export interface KernelTargetOptions {
  /** How many guests run side by side. Default: one for each CPU, four at most. */
  readonly guests?: number;
  /** Milliseconds after which a guest that does not answer is given up. Default 20,000. */
  readonly bootLimitMs?: number;
}

/** Room for one guest. */
interface Place {
  readonly cpu: number | null;
  guest: Guest | null;
}

interface Running {
  readonly folder: string;
  /** What all guests are booted with. */
  readonly preparation: Promise<Omit<GuestOptions, 'cpu' | 'signal'>>;
  readonly free: Place[];
  readonly guests: Set<Guest>;
  readonly boots: Set<Promise<Guest>>;
  readonly stopping: AbortController;
  readonly waiting: { readonly resolve: (place: Place) => void; readonly reject: (error: Error) => void }[];
}

/** The kernel's own IPVS under User Mode Linux: several guests, each with one session at a time. */
export class KernelTarget implements Target {
  readonly id: string;
  readonly version: string;
  readonly profile: Profile;
  readonly concurrency: number;
  readonly #installation: KernelInstallation;
  readonly #bootLimitMs: number | undefined;
  #hasClock: boolean;
  #running: Running | null = null;

  constructor(installation: KernelInstallation, options: KernelTargetOptions = {}) {
    this.#installation = installation;
    this.#bootLimitMs = options.bootLimitMs;
    this.#hasClock = installation.compiler !== null;
    this.version = installation.version;
    this.profile = linuxProfile(installation.version);
    this.id = `kernel-${seriesOf(installation.version)}`;
    this.concurrency = options.guests ?? Math.min(availableParallelism(), MOST_GUESTS);
  }

  get description(): string {
    const packaged = this.#installation.packages['user-mode-linux'];
    const origin = packaged === undefined ? 'User Mode Linux' : `User Mode Linux, Debian ${packaged}`;
    const lack = this.#hasClock ? '' : '; its clock cannot be moved, for want of a C compiler';
    return `Linux ${this.version} IPVS (${origin})${lack}`;
  }

  /** All there are, but `clock` where no C compiler works. */
  get features(): ReadonlySet<Feature> {
    const all = Object.keys(FEATURES) as Feature[];
    return new Set(this.#hasClock ? all : all.filter((feature) => feature !== 'clock'));
  }

  /** @throws {UnsupportedFeature} one line, when no guest can be booted here */
  async start(): Promise<void> {
    if (this.#running !== null) return;
    const folder = createRunFolder();
    const running: Running = {
      folder,
      preparation: this.#prepare(folder),
      free: [],
      guests: new Set(),
      boots: new Set(),
      stopping: new AbortController(),
      waiting: [],
    };
    this.#running = running;
    try {
      const cpus = usableCpus();
      const places = Array.from({ length: this.concurrency }, (_, index): Place => ({
        cpu: cpus[index % cpus.length] ?? null,
        guest: null,
      }));
      await allOrFirstFault(places.map((place) => this.#boot(running, place)));
      for (const place of places) release(running, place);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const fault = new InternalFault(`${this.id} was stopped`);
    running.stopping.abort(fault);
    for (const { reject } of running.waiting) reject(fault);
    await Promise.allSettled([running.preparation, ...running.boots]);
    await Promise.all([...running.guests].map((guest) => guest.stop()));
    removeOwnFolder(running.folder);
  }

  async open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    const running = this.#running;
    if (running === null) throw new InternalFault(`${this.id} is not started`);
    const place =
      running.free.shift() ??
      (await new Promise<Place>((resolve, reject) => {
        running.waiting.push({ resolve, reject });
      }));
    try {
      const guest = place.guest?.usable === true ? place.guest : await this.#boot(running, place);
      return await KernelSession.open({ guest, environment, receiver, release: () => release(running, place) });
    } catch (error) {
      release(running, place);
      throw error;
    }
  }

  async #prepare(folder: string): Promise<Omit<GuestOptions, 'cpu' | 'signal'>> {
    const { compiler } = this.#installation;
    const compile = async (source: string, name: string): Promise<string | null> =>
      compiler === null ? null : compileLibrary(compiler, source, folder, name);
    const [clockLibrary, ipvsadmLibrary] = await Promise.all([
      compile(CLOCK_SOURCE, 'clock'),
      compile(IPVSADM_SERVER_SOURCE, 'ipvsadm-server'),
    ]);
    this.#hasClock = clockLibrary !== null;
    return {
      installation: this.#installation,
      clockLibrary,
      ipvsadmLibrary,
      memoryFolder: memoryFolder(this.concurrency * GUEST_MEMORY),
      bootLimitMs: this.#bootLimitMs,
    };
  }

  /** Boots a guest in the place of one that is no longer usable. */
  async #boot(running: Running, place: Place): Promise<Guest> {
    if (place.guest !== null) {
      running.guests.delete(place.guest);
      await place.guest.stop();
      place.guest = null;
    }
    const { signal } = running.stopping;
    const boot = running.preparation.then((options) => bootGuest({ ...options, cpu: place.cpu, signal }));
    running.boots.add(boot);
    try {
      const guest = await boot;
      running.guests.add(guest);
      place.guest = guest;
      return guest;
    } finally {
      running.boots.delete(boot);
    }
  }
}

/** Gives the place to whoever waits for one. */
const release = ({ waiting, free }: Running, place: Place): void => {
  const next = waiting.shift();
  if (next === undefined) free.push(place);
  else next.resolve(place);
};

/** Waits for all, so that none is left half done, then fails if one failed. */
const allOrFirstFault = async (work: readonly Promise<unknown>[]): Promise<void> => {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') throw result.reason;
  }
};
