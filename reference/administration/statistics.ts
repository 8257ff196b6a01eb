/** Totals or rates of one service, one server, or all. Bytes are those of whole IP packets. */
export interface Figures {
  readonly connections: number;
  readonly inPackets: number;
  readonly outPackets: number;
  readonly inBytes: number;
  readonly outBytes: number;
}

/** How a rate is kept (`ip_vs_est.c:estimation_timer`): as whole numbers of 2^-10 connections or packets, or 2^-5 bytes, a second. */
const SCALE = { packets: 10, bytes: 5 } as const;
/** Each estimation moves an average by a quarter of the way to what was seen since the one before. */
const WEIGHT = 4;
/** Seconds between two estimations, as a power of two. */
const PERIOD_BITS = 1;

/** One counter, as it runs and as it is shown: what readers see is as old as the last estimation. */
class Meter {
  count = 0;
  readonly #bits: number;
  #seen = 0;
  #zeroPoint = 0;
  #average = 0;

  constructor(bits: number) {
    this.#bits = bits;
  }

  estimate(): void {
    const rate = (this.count - this.#seen) * 2 ** (this.#bits - PERIOD_BITS);
    this.#seen = this.count;
    this.#average += Math.floor((rate - this.#average) / WEIGHT);
  }

  /** Further estimations change nothing. */
  get isStill(): boolean {
    return this.#average === 0 && this.#seen === this.count;
  }

  /** From the last estimation on, not from now (`ip_vs_ctl.c:ip_vs_zero_stats`). */
  zero(): void {
    this.#zeroPoint = this.#seen;
    this.#average = 0;
  }

  get total(): number {
    return this.#seen - this.#zeroPoint;
  }

  /** A second, rounded (`ip_vs_read_estimator`). */
  get rate(): number {
    return Math.floor((this.#average + 2 ** (this.#bits - 1) - 1) / 2 ** this.#bits);
  }
}

/** What passed a service, a server, or the director (`struct ip_vs_stats`). */
export class Statistics {
  readonly #connections = new Meter(SCALE.packets);
  readonly #inPackets = new Meter(SCALE.packets);
  readonly #outPackets = new Meter(SCALE.packets);
  readonly #inBytes = new Meter(SCALE.bytes);
  readonly #outBytes = new Meter(SCALE.bytes);
  readonly #meters = [this.#connections, this.#inPackets, this.#outPackets, this.#inBytes, this.#outBytes];

  countConnection(): void {
    this.#connections.count += 1;
  }

  /** A packet of a client. */
  countIn(bytes: number): void {
    this.#inPackets.count += 1;
    this.#inBytes.count += bytes;
  }

  /** A packet of a server. */
  countOut(bytes: number): void {
    this.#outPackets.count += 1;
    this.#outBytes.count += bytes;
  }

  /** `times` estimations on end. */
  estimate(times: number): void {
    for (const meter of this.#meters) {
      for (let time = 0; time < times && !meter.isStill; time++) meter.estimate();
    }
  }

  zero(): void {
    for (const meter of this.#meters) meter.zero();
  }

  /** Counted up to now, since ever: what `/proc/net/ip_vs_stats_percpu` shows of a CPU. */
  get counted(): Figures {
    return this.#figures(({ count }) => count);
  }

  get totals(): Figures {
    return this.#figures(({ total }) => total);
  }

  get rates(): Figures {
    return this.#figures(({ rate }) => rate);
  }

  #figures(of: (meter: Meter) => number): Figures {
    return {
      connections: of(this.#connections),
      inPackets: of(this.#inPackets),
      outPackets: of(this.#outPackets),
      inBytes: of(this.#inBytes),
      outBytes: of(this.#outBytes),
    };
  }
}
