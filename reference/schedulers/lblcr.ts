import { DestinationCache, type Forgetting } from './destination-cache.ts';
import { isGreaterProduct, leastPerWeight } from './least-per-weight.ts';
import { configured, isCrowded } from './locality.ts';
import type { Overhead } from './overhead.ts';
import type { SchedulableServer, Scheduler, SchedulingRequest } from './scheduler.ts';

/** The servers of one destination. */
interface ServerSet<Server> {
  /** The one that joined last stands first. */
  readonly members: Server[];
  /** When one joined or left, in milliseconds. */
  changed: number;
}

/**
 * Locality-based least connection with replication (kernel `ip_vs_lblcr.c`): a destination address has a set of servers,
 * and gets the least loaded of them by weight. Where that is crowded, or none of them can, the least loaded server of
 * all joins the set. A set that stayed the same for the expiration gives up its most loaded server.
 *
 * - State: the servers of each destination, and when they changed.
 * - Add, delete, edit: nothing; the destination's next connection sees what became of its servers.
 */
export class LocalityBasedWithReplication<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;
  readonly #forgetting: Forgetting;
  readonly #cache: DestinationCache<ServerSet<Server>>;

  constructor(overhead: Overhead, forgetting: Forgetting) {
    this.#overhead = overhead;
    this.#forgetting = forgetting;
    this.#cache = new DestinationCache(forgetting);
  }

  choose(servers: readonly Server[], { destinationAddress }: SchedulingRequest): Server | undefined {
    const set = this.#cache.get(destinationAddress);
    if (set !== undefined) {
      const present = set.members.flatMap((member) => configured(member, servers) ?? []);
      const server = leastPerWeight(present, this.#overhead);
      this.#shrink(set);
      if (server !== undefined && !isCrowded(server, servers)) return server;
    }
    const least = leastPerWeight(servers, this.#overhead);
    if (least === undefined) return undefined;
    if (set === undefined) {
      this.#cache.set(destinationAddress, { members: [least], changed: this.#forgetting.now() });
    } else if (configured(least, set.members) === undefined) {
      set.members.unshift(least);
      set.changed = this.#forgetting.now();
    }
    return least;
  }

  #shrink(set: ServerSet<Server>): void {
    const { now, expiration } = this.#forgetting;
    if (set.members.length < 2 || now() <= set.changed + expiration() * 1000) return;
    const most = this.#mostLoaded(set.members);
    if (most === undefined) return;
    set.members.splice(set.members.indexOf(most), 1);
    set.changed = now();
  }

  /** By weight, the first of equals, overloaded and removed ones too (`ip_vs_dest_set_max`). */
  #mostLoaded(members: readonly Server[]): Server | undefined {
    let most: Server | undefined;
    for (const member of members) {
      if (member.weight === 0) continue;
      const [load, weight] = [this.#overhead(member), member.weight];
      if (most === undefined || isGreaterProduct(load, most.weight, this.#overhead(most), weight)) most = member;
    }
    return most;
  }
}
