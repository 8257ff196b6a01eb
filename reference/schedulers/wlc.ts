import { leastPerWeight } from './least-per-weight.ts';
import type { Overhead } from './overhead.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';

/**
 * Weighted least connection (kernel `ip_vs_wlc.c`): the usable server with the least overhead / weight, the first of
 * equals. No state, no reaction to changes.
 */
export class WeightedLeastConnection<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;

  constructor(overhead: Overhead) {
    this.#overhead = overhead;
  }

  choose(servers: readonly Server[]): Server | undefined {
    return leastPerWeight(servers, this.#overhead);
  }
}
