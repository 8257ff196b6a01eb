import type { CapturedFrame } from './capture.ts';
import { comparableFrames, type ComparableFrame } from './comparable-frames.ts';
import { pairFrames, type Pair } from './pair-frames.ts';
import type { ToleratedDifference } from './tolerated-differences.ts';

/** Two frames that differ, or one that the other side has not. */
export interface DifferingFrames {
  /** Among the pairs in order of the left capture, from 0. */
  readonly number: number;
  readonly pair: Pair<ComparableFrame>;
}

/** How many pairs there are, and those that differ. */
export interface FrameComparison {
  readonly compared: number;
  readonly differing: readonly DifferingFrames[];
}

/**
 * Pairs the frames of two captures in order, for each interface and direction by itself: how frames of two ports lie between each other
 * is chance. Frames are the same if all bytes are (but for what is tolerated) and so is the length on the wire.
 */
export function differingFrames(
  left: readonly CapturedFrame[],
  right: readonly CapturedFrame[],
  tolerated: readonly ToleratedDifference[],
): FrameComparison {
  const lefts = byStream(comparableFrames(left, tolerated));
  const rights = byStream(comparableFrames(right, tolerated));
  const pairs = [...new Set([...lefts.keys(), ...rights.keys()])].flatMap((key) =>
    pairFrames(lefts.get(key) ?? [], rights.get(key) ?? [], same),
  );
  const differing = inOrder(pairs)
    .map((pair, number) => ({ number, pair }))
    .filter(({ pair: [one, other] }) => one === null || other === null || !same(one, other));
  return { compared: pairs.length, differing };
}

function byStream(frames: readonly ComparableFrame[]): Map<string, ComparableFrame[]> {
  const streams = new Map<string, ComparableFrame[]>();
  for (const item of frames) {
    const key = `${item.frame.interface} ${item.frame.direction ?? ''}`;
    const stream = streams.get(key);
    if (stream === undefined) streams.set(key, [item]);
    else stream.push(item);
  }
  return streams;
}

function same(left: ComparableFrame, right: ComparableFrame): boolean {
  const [one, other] = [left.masked, right.masked];
  if (one.length !== other.length || left.frame.originalLength !== right.frame.originalLength) return false;
  for (let at = 0; at < one.length; at += 1) {
    if (one[at] !== other[at]) return false;
  }
  return true;
}

/** By place in the left capture; a frame that only the right one has comes just before the next one that both have. */
function inOrder(pairs: readonly Pair<ComparableFrame>[]): Pair<ComparableFrame>[] {
  let next = Number.MAX_SAFE_INTEGER;
  const places = new Map<Pair<ComparableFrame>, number>();
  for (const pair of pairs.toSorted(([, one], [, other]) => (other?.index ?? -1) - (one?.index ?? -1))) {
    const [left, right] = pair;
    if (left !== null && right !== null) next = Math.min(next, left.index);
    places.set(pair, left === null ? next - 0.5 : left.index);
  }
  const place = (pair: Pair<ComparableFrame>): number => places.get(pair) ?? 0;
  return pairs.toSorted((one, other) => place(one) - place(other) || (one[1]?.index ?? 0) - (other[1]?.index ?? 0));
}
