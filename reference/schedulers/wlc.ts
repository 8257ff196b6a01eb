import type { Overhead } from './overhead.ts';
import { isUsable, type SchedulableServer, type Scheduler } from './scheduler.ts';

/**
 * Weighted least connection (kernel `ip_vs_wlc.c`): the usable server with the least overhead / weight, the first of
 * equals. Quotients are compared as products, without division. No state, no reaction to changes.
 */
export class WeightedLeastConnection<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;

  constructor(overhead: Overhead) {
    this.#overhead = overhead;
  }

  choose(servers: readonly Server[]): Server | undefined {
    let least: Server | undefined;
    let leastOverhead = 0;
    for (const server of servers) {
      if (!isUsable(server)) continue;
      const overhead = this.#overhead(server);
      if (least === undefined || isGreaterProduct(leastOverhead, server.weight, overhead, least.weight)) {
        least = server;
        leastOverhead = overhead;
      }
    }
    return least;
  }
}

/** a · b > c · d, exactly: the kernel multiplies in 64 bits, where doubles are exact to 53. */
function isGreaterProduct(a: number, b: number, c: number, d: number): boolean {
  const left = a * b;
  const right = c * d;
  if (left <= Number.MAX_SAFE_INTEGER && right <= Number.MAX_SAFE_INTEGER) return left > right;
  return BigInt(a) * BigInt(b) > BigInt(c) * BigInt(d);
}
