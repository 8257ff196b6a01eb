/** The data of a run: what `run.json` holds and every report is made from. */
export type Level = 'core' | 'ipvs';
export type Verdict = 'pass' | 'fail' | 'deviates' | 'unsupported' | 'error';

export interface Run {
  readonly schema: 1;
  readonly tool: { readonly name: 'lvs-conformance'; readonly version: string; readonly command: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly targets: readonly RunTarget[];
  readonly cases: readonly RunCase[];
  readonly results: readonly RunResult[];
}

export interface RunTarget {
  readonly id: string;
  readonly description: string;
  readonly version: string;
  readonly features: readonly string[];
}

export interface RunCase {
  readonly id: string;
  readonly title: string;
  readonly requirement: string;
  readonly source: readonly string[];
  readonly level: Level;
  readonly tags: readonly string[];
  readonly needs: readonly string[];
}

export interface RunResult {
  readonly case: string;
  readonly target: string;
  readonly verdict: Verdict;
  readonly durationMs: number;
  /** One or more lines; empty for `pass`. */
  readonly reason: string;
  /** Ids of the named deviations that were met. */
  readonly deviations: readonly string[];
  /** Path of the capture relative to the run's folder, or null where no frame was exchanged. */
  readonly capture: string | null;
  /** First difference between this target's capture and the reference's; null where they agree or none was compared. */
  readonly firstDifference: FirstDifference | null;
}

/** Where two captures part. `layer`, `field` and `offset` are absent when a whole frame is missing on one side. */
export interface FirstDifference {
  /** Index of the frame among those compared, from 0, and of the frame in each capture (null: not there). */
  readonly frame: number;
  readonly left: number | null;
  readonly right: number | null;
  /** Index and kind of the layer, e.g. `1 ip`. */
  readonly layer?: string;
  readonly field?: string;
  /** Byte offset of the field in the frame. */
  readonly offset?: number;
  readonly expected: string;
  readonly observed: string;
}
