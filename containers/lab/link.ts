/** The cable between a machine's interface and its switch. */
export interface Link {
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Makes the cable a bad one until {@link repair}; both directions alike. */
  impair(impairment: Impairment): Promise<void>;
  repair(): Promise<void>;
}

/** Shares of frames, 0 to 1, chosen by a generator of a seed: the same run again is the same. */
export interface Impairment {
  readonly loss?: number;
  /** Frames that are held back until later ones have passed. */
  readonly reorder?: number;
  readonly duplicate?: number;
  readonly seed: number;
}
