import type { Statistics } from './statistics.ts';

/** Milliseconds (`ip_vs_est.c:ip_vs_estimator_net_init`). */
const PERIOD = 2000;

/**
 * Takes the figures of all statistics every two seconds of the director's time. No timer runs for that: as counters only change at
 * instants that the clock stops at, what is due is made up for when time passes.
 */
export class Estimator {
  readonly #all: () => Iterable<Statistics>;
  readonly #isOn: () => boolean;
  #next = PERIOD;

  /**
   * @param all what is estimated, asked for each time
   * @param isOn the setting `vs.run_estimation`
   */
  constructor(all: () => Iterable<Statistics>, isOn: () => boolean) {
    this.#all = all;
    this.#isOn = isOn;
  }

  /** Time has come to `now` (ms), and nothing was counted at that instant yet. */
  pass(now: number): void {
    if (now < this.#next) return;
    const times = Math.floor((now - this.#next) / PERIOD) + 1;
    this.#next += times * PERIOD;
    if (!this.#isOn()) return;
    for (const statistics of this.#all()) statistics.estimate(times);
  }
}
