import { isUsable, type SchedulableServer, type Scheduler } from './scheduler.ts';

/**
 * Round robin (kernel `ip_vs_rr.c`): the next usable server after the one chosen last, around the list.
 *
 * - State: the place of the server chosen last, or the list's head before the first one.
 * - Add: nothing; a server added at the head has its turn after the list's end was reached.
 * - Delete: where the last chosen one goes, its predecessor takes its part (`ip_vs_rr_del_dest`).
 * - Edit: nothing.
 */
export class RoundRobin<Server extends SchedulableServer> implements Scheduler<Server> {
  /** Index of the server chosen last; -1 is the list's head. */
  #last = -1;

  choose(servers: readonly Server[]): Server | undefined {
    // The server chosen last comes last, so with one usable server it is chosen every time.
    for (let step = 1; step <= servers.length; step++) {
      const index = (this.#last + step) % servers.length;
      const server = servers[index];
      if (server !== undefined && isUsable(server)) {
        this.#last = index;
        return server;
      }
    }
    return undefined;
  }

  added(): void {
    if (this.#last >= 0) this.#last += 1;
  }

  removed(_servers: readonly Server[], index: number): void {
    if (index <= this.#last) this.#last -= 1;
  }
}
