import { parseRules } from '../../reference/administration/rules-file.ts';
import { Director } from '../../reference/director.ts';
import type { Environment } from '../../reference/environment.ts';
import { PROFILES } from '../../reference/profile.ts';
import { readTextFile } from '../read-text-file.ts';
import { RuleSet } from './rule-set.ts';

export interface LiveRulesOptions {
  readonly path: string;
  readonly environment: Environment;
  /** Throws where the director cannot have these addresses. */
  readonly checkAddresses: (virtualAddresses: readonly string[]) => void;
}

/** What a reading of the file wants changed. */
export interface Reading {
  readonly rules: RuleSet;
  readonly virtualAddresses: readonly string[];
}

/** The rules file and what of it the director has. */
export class LiveRules {
  readonly #options: LiveRulesOptions;
  #rules = new RuleSet();
  #virtualAddresses: readonly string[] = [];

  constructor(options: LiveRulesOptions) {
    this.#options = options;
  }

  /** The services' addresses, or those that the environment states. */
  get virtualAddresses(): readonly string[] {
    return this.#virtualAddresses;
  }

  get summary(): string {
    return `${counted(this.#rules.serviceCount, 'service')}, ${counted(this.#rules.serverCount, 'real server')}`;
  }

  /**
   * Reads the file without changing anything.
   *
   * @throws MalformedInput, UnsupportedFeature `FILE:LINE: what is wrong`
   */
  read(): Reading {
    const { path, environment, checkAddresses } = this.#options;
    const text = readTextFile(path, 'rules as ipvsadm-save -n writes them');
    const trial = new Director({ environment, profile: PROFILES.linux, transmit: () => undefined });
    const rules = new RuleSet(parseRules(text, path, trial));
    const stated = environment.virtualAddresses;
    const virtualAddresses = stated.length > 0 ? stated : rules.virtualAddresses;
    checkAddresses(virtualAddresses);
    return { rules, virtualAddresses };
  }

  /** Makes the director what the file wants. Returns the number of commands that took. */
  adopt(director: Director, { rules, virtualAddresses }: Reading): number {
    const changes = this.#rules.changesTo(rules);
    director.setVirtualAddresses(virtualAddresses);
    for (const command of changes) director.apply(command);
    this.#rules = rules;
    this.#virtualAddresses = virtualAddresses;
    return changes.length;
  }

  /** No server takes new connections any more. */
  quiesce(director: Director): void {
    for (const command of this.#rules.quiesce()) director.apply(command);
  }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
