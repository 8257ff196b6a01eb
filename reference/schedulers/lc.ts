import type { Overhead } from './overhead.ts';
import { isUsable, type SchedulableServer, type Scheduler } from './scheduler.ts';

/**
 * Least connection (kernel `ip_vs_lc.c`): the usable server with the least overhead, the first of equals.
 * A weight matters only for being 0 or not. No state, no reaction to changes.
 */
export class LeastConnection<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;

  constructor(overhead: Overhead) {
    this.#overhead = overhead;
  }

  choose(servers: readonly Server[]): Server | undefined {
    let least: Server | undefined;
    let leastOverhead = Infinity;
    for (const server of servers) {
      if (!isUsable(server)) continue;
      const overhead = this.#overhead(server);
      if (overhead < leastOverhead) {
        least = server;
        leastOverhead = overhead;
      }
    }
    return least;
  }
}
