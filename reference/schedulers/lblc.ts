import { DestinationCache, type Forgetting } from './destination-cache.ts';
import { leastPerWeight } from './least-per-weight.ts';
import { configured, isCrowded } from './locality.ts';
import type { Overhead } from './overhead.ts';
import type { SchedulableServer, Scheduler, SchedulingRequest } from './scheduler.ts';

/**
 * Locality-based least connection (kernel `ip_vs_lblc.c`): a destination address stays with its server, even one above
 * its threshold, unless that is gone, has weight 0 or is crowded; then, and at first, it gets one by weighted least
 * connection.
 *
 * - State: the server of each destination.
 * - Add, delete, edit: nothing; the destination's next connection sees what became of its server.
 */
export class LocalityBasedLeastConnection<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;
  readonly #cache: DestinationCache<Server>;

  constructor(overhead: Overhead, forgetting: Forgetting) {
    this.#overhead = overhead;
    this.#cache = new DestinationCache(forgetting);
  }

  choose(servers: readonly Server[], { destinationAddress }: SchedulingRequest): Server | undefined {
    const remembered = this.#cache.get(destinationAddress);
    const server = remembered && configured(remembered, servers);
    if (server !== undefined && server.weight > 0 && !isCrowded(server, servers)) return server;
    const least = leastPerWeight(servers, this.#overhead);
    if (least !== undefined) this.#cache.set(destinationAddress, least);
    return least;
  }
}
