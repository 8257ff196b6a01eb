import { InternalFault } from '../../../reference/errors.ts';
import { bootGuest, GUEST_MEMORY, type GuestOptions } from './boot-guest.ts';
import { CLOCK_SOURCE } from './clock-source.ts';
import { compileLibrary } from './compile-library.ts';
import { usableCpus } from './cpus.ts';
import type { Guest } from './guest.ts';
import type { KernelInstallation } from './installation.ts';
import { IPVSADM_SERVER_SOURCE } from './ipvsadm-server-source.ts';
import { memoryFolder } from './memory-folder.ts';
import type { GuestRole } from './modules.ts';
import { removeOwnFolder } from './own-folders.ts';
import { createRunFolder } from './run-folder.ts';

export interface GuestPoolOptions {
  readonly installation: KernelInstallation;
  readonly role: GuestRole;
  /** How many guests run side by side. */
  readonly size: number;
  /** Milliseconds after which a guest that does not answer is given up. */
  readonly bootLimitMs: number | undefined;
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

/** Guests of one role, each lent to one session at a time. One that went wrong is booted anew when it is wanted again. */
export class GuestPool {
  readonly #options: GuestPoolOptions;
  #hasClock: boolean;
  #running: Running | null = null;

  constructor(options: GuestPoolOptions) {
    this.#options = options;
    this.#hasClock = options.installation.compiler !== null;
  }

  /** False where no C compiler works. Certain once started. */
  get hasClock(): boolean {
    return this.#hasClock;
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
      const places = Array.from({ length: this.#options.size }, (_, index): Place => ({
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
    const fault = new InternalFault('The guests were stopped');
    running.stopping.abort(fault);
    for (const { reject } of running.waiting) reject(fault);
    await Promise.allSettled([running.preparation, ...running.boots]);
    await Promise.all([...running.guests].map((guest) => guest.stop()));
    removeOwnFolder(running.folder);
  }

  /**
   * Has `use` open a session in a guest of its own. It is to call `release` when the guest is free again; where it rejects, it is free at once.
   * @throws {UnsupportedFeature} when a guest that must be booted anew cannot be
   */
  async lend<Session>(use: (guest: Guest, release: () => void) => Promise<Session>): Promise<Session> {
    const running = this.#running;
    if (running === null) throw new InternalFault('The guests are not started');
    const place =
      running.free.shift() ??
      (await new Promise<Place>((resolve, reject) => {
        running.waiting.push({ resolve, reject });
      }));
    try {
      const guest = place.guest?.usable === true ? place.guest : await this.#boot(running, place);
      return await use(guest, () => release(running, place));
    } catch (error) {
      release(running, place);
      throw error;
    }
  }

  async #prepare(folder: string): Promise<Omit<GuestOptions, 'cpu' | 'signal'>> {
    const { installation, role, size, bootLimitMs } = this.#options;
    const { compiler } = installation;
    const compile = async (source: string, name: string): Promise<string | null> =>
      compiler === null ? null : compileLibrary(compiler, source, folder, name);
    const [clockLibrary, ipvsadmLibrary] = await Promise.all([
      compile(CLOCK_SOURCE, 'clock'),
      compile(IPVSADM_SERVER_SOURCE, 'ipvsadm-server'),
    ]);
    this.#hasClock = clockLibrary !== null;
    return {
      installation,
      role,
      clockLibrary,
      ipvsadmLibrary,
      memoryFolder: memoryFolder(size * GUEST_MEMORY),
      bootLimitMs,
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
