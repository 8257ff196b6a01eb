import type { CapturedFrame } from './capture.ts';
import { ComparableFrame } from './comparable-frame.ts';
import { GueTraffic } from './gue-traffic.ts';
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
 * Pairs the frames of two captures in order, for each interface and direction by itself: how frames of two ports lie
 * between each other is chance. Frames are the same if all bytes are (but for what is tolerated) and so is the length
 * on the wire.
 */
export function differingFrames(
  left: readonly CapturedFrame[],
  right: readonly CapturedFrame[],
  tolerated: readonly ToleratedDifference[],
): FrameComparison {
  const lefts = streams(left, tolerated);
  const rights = streams(right, tolerated);
  const same = (one: ComparableFrame, other: ComparableFrame): boolean => one.equals(other);
  const pairs = [...new Set([...lefts.keys(), ...rights.keys()])].flatMap((key) =>
    pairFrames(lefts.get(key) ?? [], rights.get(key) ?? [], same),
  );
  const differing: DifferingFrames[] = [];
  for (const [number, pair] of inOrder(pairs).entries()) {
    const [one, other] = pair;
    if (one === null || other === null || !one.equals(other)) differing.push({ number, pair });
  }
  return { compared: pairs.length, differing };
}

/** The frames that are compared, by interface and direction. */
function streams(
  frames: readonly CapturedFrame[],
  tolerated: readonly ToleratedDifference[],
): Map<number, ComparableFrame[]> {
  const found = new Map<number, ComparableFrame[]>();
  const traffic = new GueTraffic(frames);
  for (const [index, frame] of frames.entries()) {
    if (tolerated.some((difference) => 'leavesOut' in difference && difference.leavesOut(frame))) continue;
    const comparable = new ComparableFrame(index, frame, tolerated, traffic);
    const key = 3 * frame.interface + DIRECTIONS.indexOf(frame.direction);
    const stream = found.get(key);
    if (stream === undefined) found.set(key, [comparable]);
    else stream.push(comparable);
  }
  return found;
}

const DIRECTIONS: readonly CapturedFrame['direction'][] = ['in', 'out', undefined];

/** By place in the left capture; a frame that only the right one has comes just before the next one that both have. */
function inOrder(pairs: readonly Pair<ComparableFrame>[]): Pair<ComparableFrame>[] {
  const places = new Map<ComparableFrame, number>();
  if (pairs.some(([left]) => left === null)) {
    let next = Number.MAX_SAFE_INTEGER;
    for (const [left, right] of pairs.toSorted(([, one], [, other]) => (other?.index ?? -1) - (one?.index ?? -1))) {
      if (right === null) break;
      if (left === null) places.set(right, next - 0.5);
      else next = Math.min(next, left.index);
    }
  }
  const place = ([left, right]: Pair<ComparableFrame>): number =>
    left?.index ?? (right === null ? 0 : (places.get(right) ?? 0));
  return pairs.toSorted((one, other) => place(one) - place(other) || (one[1]?.index ?? 0) - (other[1]?.index ?? 0));
}
