import { heaviest } from './heaviest.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';

/**
 * Weighted failover (kernel `ip_vs_fo.c`): every connection to the usable server of the greatest weight, the first of
 * equals. No state, no reaction to changes.
 */
export class WeightedFailover<Server extends SchedulableServer> implements Scheduler<Server> {
  choose(servers: readonly Server[]): Server | undefined {
    return heaviest(servers);
  }
}
