import { greatestCommonDivisor } from './greatest-common-divisor.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';

/**
 * Weighted round robin (kernel `ip_vs_wrr.c`): round after round over the list with a falling bar. A server is chosen
 * when its weight reaches the bar; the bar falls by the weights' common divisor at the list's end, and from there back
 * to the greatest weight. So within one cycle of the bar a server is chosen weight / divisor times, heavy servers first.
 *
 * - State: the place of the server chosen last; the bar; the bar's greatest value; the divisor.
 * - Add, delete, edit: back to the list's head, divisor and greatest value anew; the bar stays where it is unless it is
 *   too high or was never set, and comes to stand on a step of the divisor. So a service built up server by server
 *   begins with the bar of its first server.
 */
export class WeightedRoundRobin<Server extends SchedulableServer> implements Scheduler<Server> {
  /** Index of the server chosen last; -1 is the list's head. */
  #last = -1;
  #bar: number;
  #highestBar = 0;
  #divisor = 1;

  constructor(servers: readonly Server[]) {
    this.#measure(servers);
    this.#bar = this.#highestBar;
  }

  choose(servers: readonly Server[]): Server | undefined {
    if (this.#highestBar === 0) return undefined;
    const start = this.#last;
    let index = start;
    let restarted = false;
    // Passes over the list. The last one is that in which every weight above 0 reaches the bar.
    let lastPass = false;
    let stop = -1;
    for (;;) {
      for (index += 1; index < servers.length; index++) {
        const server = servers[index];
        if (server !== undefined && !server.overloaded && server.weight >= this.#bar) {
          this.#last = index;
          return server;
        }
        if (index === stop) {
          this.#last = index;
          return undefined;
        }
      }
      index = -1;
      this.#bar -= this.#divisor;
      if (this.#bar <= 0) {
        this.#bar = this.#highestBar;
        if (lastPass || start === -1) {
          this.#last = -1;
          return undefined;
        }
        restarted = true;
      }
      lastPass = this.#bar <= this.#divisor;
      if (lastPass && restarted) stop = start;
    }
  }

  added(servers: readonly Server[]): void {
    this.#changed(servers);
  }

  removed(servers: readonly Server[]): void {
    this.#changed(servers);
  }

  edited(servers: readonly Server[]): void {
    this.#changed(servers);
  }

  #changed(servers: readonly Server[]): void {
    this.#last = -1;
    this.#measure(servers);
    if (this.#bar > this.#highestBar || this.#bar === 0) {
      this.#bar = this.#highestBar;
    } else if (this.#divisor > 1) {
      this.#bar = Math.floor(this.#bar / this.#divisor) * this.#divisor + 1;
    }
  }

  #measure(servers: readonly Server[]): void {
    const weights = servers.map((server) => server.weight).filter((weight) => weight > 0);
    this.#divisor = weights.reduce(greatestCommonDivisor, 0) || 1;
    // With a divisor of 10 the bars 21, 11 and 1 do what 30, 20 and 10 would.
    this.#highestBar = Math.max(0, ...weights) - (this.#divisor - 1);
  }
}
