import { Random } from '../random.ts';
import { OVERHEAD, type Accounting } from '../schedulers/overhead.ts';
import { createScheduler } from '../schedulers/registry.ts';
import type { SchedulableServer, Scheduler, SchedulingRequest } from '../schedulers/scheduler.ts';

export const REQUEST: SchedulingRequest = {
  clientAddress: 0x0a000002,
  clientPort: 40001,
  destinationAddress: 0x0a000064,
};

export interface PoolServer extends SchedulableServer {
  readonly name: string;
  weight: number;
  lastWeight: number;
  active: number;
  inactive: number;
  overloaded: boolean;
}

/** A service's server list as the kernel keeps it: servers are added at the head. A number as name is the last one of 192.168.1.n. */
export class ServerPool {
  readonly servers: PoolServer[] = [];
  scheduler: Scheduler<PoolServer>;
  /** Milliseconds. */
  now = 0;
  /** Seconds. */
  expiration = 86400;
  readonly #accounting: Accounting;
  readonly #random = new Random(1);

  constructor(
    scheduler: string,
    weights: Readonly<Record<string, number>> = {},
    { accounting = 'current', flags = 0 }: { accounting?: Accounting; flags?: number } = {},
  ) {
    this.#accounting = accounting;
    this.scheduler = this.#create(scheduler, flags);
    for (const [name, weight] of Object.entries(weights)) this.add(name, weight);
  }

  #create(name: string, flags: number): Scheduler<PoolServer> {
    const scheduler = createScheduler(name, {
      overhead: OVERHEAD[this.#accounting],
      servers: this.servers,
      flags,
      host: {
        now: () => this.now,
        expiration: () => this.expiration,
        random: (limit) => this.#random.below(limit),
      },
    });
    if (scheduler === undefined) throw new Error(`no scheduler ${name}`);
    return scheduler;
  }

  change(scheduler: string, flags = 0): void {
    this.scheduler = this.#create(scheduler, flags);
  }

  add(name: string, weight = 1): void {
    const address = 0xc0a80100 + Number(name.replace(/\D/g, ''));
    const counts = { active: 0, inactive: 0, overloaded: false };
    this.servers.unshift({ name, address, port: 80, weight, lastWeight: weight, ...counts });
    this.scheduler.added?.(this.servers);
  }

  delete(name: string): void {
    const index = this.servers.findIndex((server) => server.name === name);
    this.servers.splice(index, 1);
    this.scheduler.removed?.(this.servers, index);
  }

  edit(name: string, weight: number): void {
    const server = this.servers.find((candidate) => candidate.name === name);
    if (server !== undefined) {
      server.weight = weight;
      if (weight > 0) server.lastWeight = weight;
    }
    this.scheduler.edited?.(this.servers);
  }

  choose(request: Partial<SchedulingRequest> = {}): PoolServer | undefined {
    return this.scheduler.choose(this.servers, { ...REQUEST, ...request });
  }

  /** The names chosen by `count` connections, each of which stays and counts as active (or, as for UDP, inactive). */
  connect(count: number, counter: 'active' | 'inactive' = 'active', request: Partial<SchedulingRequest> = {}): string {
    return Array.from({ length: count }, () => {
      const server = this.choose(request);
      if (server !== undefined) server[counter] += 1;
      return server?.name ?? '-';
    }).join(' ');
  }
}
