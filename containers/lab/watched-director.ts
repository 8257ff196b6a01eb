import { ruleLines } from '../directors/rule-lines.ts';
import type { LabDirector } from './director.ts';
import type { HealthChecks } from './health-checks.ts';

/** A director of which it is known whether it had the same rules all the time, so that what it did can be done again. */
export class WatchedDirector implements LabDirector {
  readonly checkHealth?: (checks: HealthChecks) => Promise<void>;
  readonly #director: LabDirector;
  #steadyRules: readonly string[] | null = null;

  constructor(director: LabDirector) {
    this.#director = director;
    if (director.checkHealth !== undefined) {
      this.checkHealth = (checks) => this.#changed().checkHealth?.(checks) ?? Promise.resolve();
    }
  }

  /** The rules as they were configured; null where anything was changed since, or the director began anew. */
  get steadyRules(): readonly string[] | null {
    return this.#steadyRules;
  }

  async configure(rules: string): Promise<void> {
    await this.#director.configure(rules);
    // Who asks servers how they are changes its rules by what they answer.
    this.#steadyRules = this.checkHealth === undefined ? ruleLines(rules) : null;
  }

  clear(): Promise<void> {
    return this.#changed().clear();
  }

  administer(commands: readonly string[]): Promise<void> {
    return this.#changed().administer(commands);
  }

  setSysctl(name: string, value: string): Promise<void> {
    return this.#changed().setSysctl(name, value);
  }

  listing(): Promise<string> {
    return this.#director.listing();
  }

  statistics(): Promise<string> {
    return this.#director.statistics();
  }

  restart(): Promise<void> {
    return this.#changed().restart();
  }

  processorSeconds(): Promise<number> {
    return this.#director.processorSeconds();
  }

  #changed(): LabDirector {
    this.#steadyRules = null;
    return this.#director;
  }
}
