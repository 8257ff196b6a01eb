import { ExpectationFailed } from '../../conformance/harness/expectation-failed.ts';
import type { Check, DirectorLoad } from '../../conformance/harness/run.ts';

/** Compares what came with what is right, and keeps both for the report. A script ends with the first that differs. */
export class Judge {
  readonly checks: Check[] = [];
  /** What the script counted at the director. */
  readonly loads: DirectorLoad[] = [];
  readonly #started = performance.now();

  /** `what` says what is compared: `sha256 of /large.bin`. Throws ExpectationFailed where the two differ as JSON. */
  equal(what: string, required: unknown, actual: unknown): void {
    this.#check(what, JSON.stringify(required), JSON.stringify(actual));
  }

  /** For a value of which only a property is right or wrong: `required` tells it in words. */
  holds(what: string, required: string, actual: unknown, isRight: boolean): void {
    const shown = JSON.stringify(actual);
    this.#record(what, required, shown);
    if (!isRight) throw new ExpectationFailed([`${what}: ${required} was required`, `it was ${shown}`]);
  }

  /** A figure for the report; no value of it is wrong. */
  notes(what: string, actual: unknown): void {
    this.#record(what, 'any', JSON.stringify(actual));
  }

  #check(what: string, required: string, actual: string): void {
    this.#record(what, required, actual);
    if (required !== actual) throw new ExpectationFailed([`${what}: ${required} was required`, `it was ${actual}`]);
  }

  #record(what: string, required: string, actual: string): void {
    this.checks.push({ frames: 0, time: (performance.now() - this.#started) / 1000, what, required, actual });
  }
}
