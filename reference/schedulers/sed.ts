import { leastPerWeight } from './least-per-weight.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';

/**
 * What a new connection may expect: the active connections with itself among them (kernel
 * `ip_vs_sed.c:ip_vs_sed_dest_overhead`). Inactive ones, and so all of UDP, weigh nothing.
 */
export const expectedDelay = ({ active }: SchedulableServer): number => active + 1;

/**
 * Shortest expected delay (kernel `ip_vs_sed.c`): the usable server with the least (active + 1) / weight, the first of
 * equals. No state, no reaction to changes.
 */
export class ShortestExpectedDelay<Server extends SchedulableServer> implements Scheduler<Server> {
  choose(servers: readonly Server[]): Server | undefined {
    return leastPerWeight(servers, expectedDelay);
  }
}
