/** Numbers without pattern, the same for the same seed (xorshift32; Marsaglia, "Xorshift RNGs", 2003). */
export class Random {
  #state: number;

  /** @param seed a whole number; 0 is taken for 1, as it would give nothing but zeros */
  constructor(seed: number) {
    this.#state = seed | 0 || 1;
  }

  /** A whole number from 0 to below `limit`, 2^32 at most. */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return Math.floor(((state >>> 0) / 2 ** 32) * limit);
  }
}
