import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../../reference/environment.ts';
import { InternalFault } from '../../../reference/errors.ts';
import { type Feature, FEATURES, type FrameReceiver, type Session, type Target } from '../target.ts';
import { compileClockLibrary } from './clock-library.ts';
import { usableCpus } from './cpus.ts';
import { Guest } from './guest.ts';
import type { KernelInstallation } from './installation.ts';
import { KernelSession } from './kernel-session.ts';

export interface KernelTargetOptions {
  /** How many guests run side by side. Default: one for each CPU, four at most. */
  readonly guests?: number;
  readonly bootLimitMs?: number;
}

interface Place {
  readonly cpu: number | null;
  guest: Guest | null;
}

/** The kernel's own IPVS under User Mode Linux: several guests, each with one session at a time. */
export class KernelTarget implements Target {
  readonly id: string;
  readonly version: string;
  readonly concurrency: number;
  readonly #installation: KernelInstallation;
  readonly #options: KernelTargetOptions;
  readonly #free: Place[] = [];
  readonly #waiting: ((place: Place) => void)[] = [];
  readonly #guests = new Set<Guest>();
  #folder: string | null = null;
  #clockLibrary: string | null = null;
  #clockFailed = false;

  constructor(installation: KernelInstallation, options: KernelTargetOptions = {}) {
    this.#installation = installation;
    this.#options = options;
    this.version = installation.version;
    this.id = `kernel-${installation.version.split('.').slice(0, 2).join('.')}`;
    this.concurrency = options.guests ?? Math.min(availableParallelism(), 4);
  }

  get description(): string {
    const packaged = this.#installation.packages['user-mode-linux'];
    const origin = packaged === undefined ? 'User Mode Linux' : `User Mode Linux, Debian ${packaged}`;
    return `Linux ${this.version} IPVS (${origin}${this.#hasClock ? '' : '; no C compiler, so its clock cannot be moved'})`;
  }

  get features(): ReadonlySet<Feature> {
    const all = Object.keys(FEATURES) as Feature[];
    return new Set(this.#hasClock ? all : all.filter((feature) => feature !== 'clock'));
  }

  get #hasClock(): boolean {
    return this.#installation.compiler !== null && !this.#clockFailed;
  }

  async start(): Promise<void> {
    if (this.#folder !== null) return;
    this.#folder = mkdtempSync(join(tmpdir(), `lvs-kernel-${process.pid}-`));
    if (this.#installation.compiler !== null)
      this.#clockLibrary = compileClockLibrary(this.#installation.compiler, this.#folder);
    this.#clockFailed = this.#clockLibrary === null;
    const cpus = usableCpus();
    try {
      await Promise.all(
        Array.from({ length: this.concurrency }, async (_, index) => {
          const place: Place = { cpu: cpus[index % cpus.length] ?? null, guest: null };
          await this.#boot(place);
          this.#free.push(place);
        }),
      );
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const folder = this.#folder;
    this.#folder = null;
    this.#free.length = 0;
    await Promise.all([...this.#guests].map((guest) => guest.stop()));
    this.#guests.clear();
    if (folder !== null) rmSync(folder, { recursive: true, force: true });
  }

  async open(environment: Environment, receiver: FrameReceiver): Promise<Session> {
    if (this.#folder === null) throw new InternalFault(`${this.id} is not started`);
    const place = this.#free.shift() ?? (await new Promise<Place>((resolve) => this.#waiting.push(resolve)));
    try {
      const guest = place.guest?.usable === true ? place.guest : await this.#boot(place);
      return await KernelSession.open(guest, environment, receiver, () => this.#release(place));
    } catch (error) {
      this.#release(place);
      throw error;
    }
  }

  #release(place: Place): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(place);
    else next(place);
  }

  async #boot(place: Place): Promise<Guest> {
    if (place.guest !== null) {
      this.#guests.delete(place.guest);
      await place.guest.stop();
    }
    const guest = await Guest.boot({
      installation: this.#installation,
      clockLibrary: this.#clockLibrary,
      cpu: place.cpu,
      ...(this.#options.bootLimitMs === undefined ? {} : { bootLimitMs: this.#options.bootLimitMs }),
    });
    this.#guests.add(guest);
    place.guest = guest;
    return guest;
  }
}
