import type { Overhead } from './overhead.ts';
import { isUsable, type SchedulableServer, type Scheduler } from './scheduler.ts';

/**
 * The power of two choices (kernel `ip_vs_twos.c`; Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 1996): two
 * servers are drawn, each with a chance by its weight, and the less loaded of the two takes the connection: the second where
 * overhead / weight of it is less than of the first. No state but the lots, which follow from a seed; a kernel's cannot be foretold.
 */
export class PowerOfTwoChoices<Server extends SchedulableServer> implements Scheduler<Server> {
  readonly #overhead: Overhead;
  readonly #random: (limit: number) => number;

  /** @param random a whole number from 0 to below the limit */
  constructor(overhead: Overhead, random: (limit: number) => number) {
    this.#overhead = overhead;
    this.#random = random;
  }

  choose(servers: readonly Server[]): Server | undefined {
    const usable = servers.filter(isUsable);
    const total = usable.reduce((sum, { weight }) => sum + weight, 0);
    // The lots are from 0 to the sum, both among them: so the first server has one more than its weight.
    const lots = [this.#random(total + 1), this.#random(total + 1)];
    const [first, second] = lots.map((lot) => drawn(usable, lot));
    if (first === undefined || second === undefined) return undefined;
    const isLessLoaded = second.weight * this.#overhead(first) > first.weight * this.#overhead(second);
    return isLessLoaded ? second : first;
  }
}

/** The first server at which the weights up to it come to the lot. */
function drawn<Server extends SchedulableServer>(servers: readonly Server[], lot: number): Server | undefined {
  let left = lot;
  return servers.find(({ weight }) => (left -= weight) <= 0);
}
