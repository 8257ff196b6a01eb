import type { ForwardingMethod } from '../../reference/administration/command.ts';

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
  /** Id of the profile whose choices it is held to; two targets with the same are compared with the same. Runs of before have none. */
  readonly profile?: string;
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
  /** What the director's own listing told of its connections, each time that the case asked; absent where it never did. */
  readonly listings?: readonly Listing[];
  /** What the case compared apart from frames, in order; absent where it compared nothing. */
  readonly checks?: readonly Check[];
  /** What the case counted at the director, one for each size of answer; absent where it counted nothing. */
  readonly loads?: readonly DirectorLoad[];
}

/** What one request brings upon a director, as the mean of many: from it follows how many servers it can carry. */
export interface DirectorLoad {
  readonly method: ForwardingMethod;
  /** Of the content that was asked for. */
  readonly answerBytes: number;
  /** So many were counted. */
  readonly requests: number;
  /** What the director sent on, a request, to real servers and to clients. */
  readonly toServers: FrameCount;
  readonly toClients: FrameCount;
  /** Processor time, under load; null where it could not be measured. */
  readonly secondsPerFrame: number | null;
}

/** Of a mean, so not whole. */
export interface FrameCount {
  readonly frames: number;
  /** Ethernet headers included. */
  readonly bytes: number;
}

/** When something was seen: behind so many frames of the capture, and in seconds of virtual time since the case began. */
interface Instant {
  readonly frames: number;
  readonly time: number;
}

/** The connections that the listing did not show the same before; all others are as they were, but for their timers running down. */
export interface Listing extends Instant {
  readonly news: readonly ConnectionNews[];
}

/** A connection that is new, has another state, was renewed, or is gone (`state` null). Endpoints are `address:port`. */
export interface ConnectionNews {
  readonly protocol: string;
  readonly client: string;
  readonly virtual: string;
  readonly state: string | null;
  /** Whole seconds left. */
  readonly expires: number | null;
}

/** A value beside what is right, both as JSON; of a range, `required` is `LOW to HIGH`. */
export interface Check extends Instant {
  readonly what: string;
  readonly required: string;
  readonly actual: string;
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
