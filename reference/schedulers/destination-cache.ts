import type { Address } from '../wire/ip-address.ts';

/** Time for a scheduler that forgets. */
export interface Forgetting {
  /** Milliseconds. */
  readonly now: () => number;
  /** Seconds that something may be unused. */
  readonly expiration: () => number;
}

/** Milliseconds from one look at the cache to the next (kernel `ip_vs_lblc.c:CHECK_EXPIRE_INTERVAL`). */
const CHECK_INTERVAL = 60_000;
/** Every so many looks the whole cache is gone through (`COUNT_FOR_FULL_EXPIRATION`). */
const FULL_CHECK = 30;

interface Entry<Value> {
  value: Value;
  lastUse: number;
}

/**
 * What lblc and lblcr remember of each destination address. Every half hour what was not used for the expiration is
 * forgotten (kernel `ip_vs_lblc.c:ip_vs_lblc_full_check`). As time shows only when the cache is asked, the looks at it
 * are made up for then.
 */
export class DestinationCache<Value> {
  readonly #entries = new Map<Address, Entry<Value>>();
  readonly #forgetting: Forgetting;
  #nextCheck: number;

  constructor(forgetting: Forgetting) {
    this.#forgetting = forgetting;
    this.#nextCheck = forgetting.now() + FULL_CHECK * CHECK_INTERVAL;
  }

  /** Looking it up is using it. */
  get(destination: Address): Value | undefined {
    this.#forget();
    const entry = this.#entries.get(destination);
    if (entry === undefined) return undefined;
    entry.lastUse = this.#forgetting.now();
    return entry.value;
  }

  set(destination: Address, value: Value): void {
    this.#entries.set(destination, { value, lastUse: this.#forgetting.now() });
  }

  #forget(): void {
    const { now, expiration } = this.#forgetting;
    if (now() < this.#nextCheck) return;
    const period = FULL_CHECK * CHECK_INTERVAL;
    // Of the looks that are due the last forgets most.
    const last = this.#nextCheck + Math.floor((now() - this.#nextCheck) / period) * period;
    for (const [destination, { lastUse }] of this.#entries) {
      if (last >= lastUse + expiration() * 1000) this.#entries.delete(destination);
    }
    this.#nextCheck = last + period;
  }
}
