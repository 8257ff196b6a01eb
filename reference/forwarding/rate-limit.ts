import type { Clock } from '../clock.ts';
import type { Address } from '../wire/ip-address.ts';

/** Errors to one host at once before the limit bites (`XRLIM_BURST_FACTOR`). */
const BURST = 6;
/** Hosts remembered: a sender of random addresses must not fill the memory. */
const MOST_HOSTS = 65536;

interface Bucket {
  tokens: number;
  last: number;
}

/** How many errors a host gets: a token bucket for each (net/ipv4/inetpeer.c:inet_peer_xrlim_allow). */
export class RateLimit {
  readonly #clock: Clock;
  readonly #buckets = new Map<Address, Bucket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether the host may get one more. `interval` is the time between two, in milliseconds; 0 for no limit, but who gets one so has saved up
   * nothing for messages that have a limit.
   */
  allows(host: Address, interval: number): boolean {
    const { now } = this.#clock;
    const bucket = this.#buckets.get(host) ?? { tokens: BURST * interval, last: now };
    if (this.#buckets.size >= MOST_HOSTS) this.#buckets.clear();
    this.#buckets.set(host, bucket);
    bucket.tokens = Math.min(bucket.tokens + now - bucket.last, BURST * interval);
    bucket.last = now;
    if (bucket.tokens < interval) return false;
    bucket.tokens -= interval;
    return true;
  }
}
