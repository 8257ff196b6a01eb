import type { FrameCount } from '../../conformance/harness/run.ts';

/** The cable between a machine's interface and its switch. */
export interface Link {
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Makes the cable a bad one until {@link repair}; both directions alike. */
  impair(impairment: Impairment): Promise<void>;
  repair(): Promise<void>;
  /** What has passed it so far. */
  count(): Promise<CableCount>;
}

/** Frames as the machine at the cable's end sees them. */
export interface CableCount {
  readonly sent: FrameCount;
  readonly received: FrameCount;
}

/** Shares of frames, 0 to 1, chosen by a generator of a seed: the same run again is the same. */
export interface Impairment {
  readonly loss?: number;
  /** Frames that are held back until later ones have passed. */
  readonly reorder?: number;
  readonly duplicate?: number;
  readonly seed: number;
}
