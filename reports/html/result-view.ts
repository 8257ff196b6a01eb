import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import type { RunResult } from '../../conformance/harness/run.ts';
import type { TcpProfile } from '../../reference/connections/tcp-tables.ts';
import { connectionStates, type StateStep } from './connection-states.ts';
import { frameData, type FrameData } from './frame-data.ts';
import type { Arrow, Ladder } from './ladder.ts';
import { ladderOf, type KnownHost } from './ladder-of.ts';
import { machineLadder } from './machine-ladder.ts';
import { firstOf, passagesOf } from '../../conformance/captures/passages-of.ts';
import { tapsOf, type Tap } from '../../conformance/captures/taps-of.ts';

/** What a case's page shows of one target's frames. Indexes are those of the ladder's arrows: of a director's own ports, one a frame. */
export interface ResultView {
  readonly ladder: Ladder;
  /** What the capture says of itself and the page does not. */
  readonly note: string;
  /** By arrow, as are the states. */
  readonly data: readonly FrameData[];
  readonly states: readonly (readonly StateMark[])[];
  readonly difference: DifferenceView | null;
  readonly steps: readonly StateStep[];
}

/** A connection's state behind a frame. */
export interface StateMark {
  /** The client's `address:port` where a case has more than one connection, else empty. */
  readonly client: string;
  /** Null: gone. */
  readonly state: string | null;
  /** Seconds left, where the director listed them. */
  readonly expires: number | null;
  /** Whether the director listed it; otherwise it follows from the reference's tables. */
  readonly isSeen: boolean;
}

/** Where a target parts from the reference. */
export interface DifferenceView {
  /** Index of the arrow that differs or is too many; null where the target sent none. */
  readonly frame: number | null;
  /** The frame that the reference sends there and the target does not, and the index of the frame that it would stand before. */
  readonly ghost: { readonly arrow: Arrow; readonly before: number } | null;
  /** The reference's frame. */
  readonly reference: FrameData | null;
}

/** A case of thousands of frames stays a page that opens at once; the capture has the rest. */
export const MOST_FRAMES = 200;

export interface ViewOptions {
  readonly hosts: ReadonlyMap<string, KnownHost>;
  readonly director: string;
  readonly profile: TcpProfile;
}

/** `reference` is the capture that the result was compared with, or null. */
export function resultView(
  result: RunResult,
  capture: Capture,
  reference: Capture | null,
  { hosts, director, profile }: ViewOptions,
): ResultView {
  const taps = tapsOf(capture);
  if (taps !== null) {
    return mergedView(result, capture, taps);
  }
  const shown = capture.frames.slice(0, MOST_FRAMES);
  const steps = connectionStates(capture.frames, result.listings ?? [], profile);
  return {
    ladder: ladderOf(capture, hosts, director),
    note: '',
    data: shown.map(frameData),
    states: stateMarks(result, capture.frames, steps),
    steps,
    difference: differenceView(result, capture, reference, hosts, director),
  };
}

/**
 * Of machines: two such captures never agree byte for byte, for each endpoint chooses ports and sequence numbers of its own, and parts of
 * them may be left out. So no frame stands beside that of another target, and no state follows from the frames.
 */
function mergedView({ firstDifference }: RunResult, capture: Capture, taps: readonly Tap[]): ResultView {
  const passages = passagesOf(capture, taps);
  const right = firstDifference?.right ?? null;
  const differing = passages.findIndex(
    ({ sent, arrived }) => right !== null && (sent === right || arrived.includes(right)),
  );
  return {
    ladder: machineLadder(capture, taps, passages),
    note: capture.comment ?? '',
    data: passages.slice(0, MOST_FRAMES).flatMap((passage) => {
      const frame = capture.frames[firstOf(passage)];
      return frame === undefined ? [] : [frameData(frame)];
    }),
    states: [],
    steps: [],
    difference: differing === -1 ? null : { frame: differing, ghost: null, reference: null },
  };
}

function stateMarks(
  { listings = [] }: RunResult,
  frames: readonly CapturedFrame[],
  steps: readonly StateStep[],
): readonly (readonly StateMark[])[] {
  const clients = new Set([
    ...steps.map(({ client }) => client),
    ...listings.flatMap(({ news }) => news.map(({ client }) => client)),
  ]);
  const name = (client: string): string => (clients.size > 1 ? client.replace(/^.*:/, ':') : '');
  const marks: StateMark[][] = frames.map(() => []);
  for (const { frame, client, after, afterSeen } of steps) {
    // The listing behind the frame says it better.
    const listing = listings.find((item) => item.frames > frame);
    if (!afterSeen || listing?.news.every((item) => item.client !== client) !== false) {
      marks[frame]?.push({ client: name(client), state: after, expires: null, isSeen: afterSeen });
    }
  }
  for (const listing of listings) {
    for (const { client, state, expires } of listing.news) {
      marks[listing.frames - 1]?.push({ client: name(client), state, expires, isSeen: true });
    }
  }
  return marks;
}

function differenceView(
  { firstDifference }: RunResult,
  capture: Capture,
  reference: Capture | null,
  hosts: ViewOptions['hosts'],
  director: string,
): DifferenceView | null {
  if (firstDifference === null) {
    return null;
  }
  const { left, right } = firstDifference;
  const expected = left === null ? undefined : reference?.frames[left];
  const data = expected === undefined ? null : frameData(expected);
  if (right !== null || expected === undefined || left === null) {
    return { frame: right, ghost: null, reference: data };
  }
  // Drawn among the target's own frames, so that its arrow has their lanes.
  const frames = capture.frames.toSpliced(left, 0, expected);
  const arrow = ladderOf({ ...capture, frames }, hosts, director).arrows[left];
  const before = Math.min(left, capture.frames.length);
  return { frame: null, ghost: arrow === undefined ? null : { arrow, before }, reference: data };
}
