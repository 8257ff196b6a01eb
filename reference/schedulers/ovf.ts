import { heaviest } from './heaviest.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';

/**
 * Weighted overflow (kernel `ip_vs_ovf.c`): the usable server of the greatest weight, the first of equals, until it has
 * more active connections than its weight says; then the next. So a server of weight w takes w + 1. No state, no
 * reaction to changes.
 */
export class WeightedOverflow<Server extends SchedulableServer> implements Scheduler<Server> {
  choose(servers: readonly Server[]): Server | undefined {
    return heaviest(servers, ({ active, weight }) => active <= weight);
  }
}
