import { leastPerWeight } from './least-per-weight.ts';
import { isUsable, type SchedulableServer, type Scheduler } from './scheduler.ts';
import { expectedDelay } from './sed.ts';

/**
 * Never queue (kernel `ip_vs_nq.c`): the first usable server without an active connection, whatever its weight; where
 * there is none, by shortest expected delay. No state, no reaction to changes.
 */
export class NeverQueue<Server extends SchedulableServer> implements Scheduler<Server> {
  choose(servers: readonly Server[]): Server | undefined {
    const idle = servers.find((server) => server.active === 0 && isUsable(server));
    return idle ?? leastPerWeight(servers, expectedDelay);
  }
}
