import { compareFrames } from '../captures/compare-captures.ts';
import { capturedFrames } from './capture-of-case.ts';
import type { FirstDifference } from './run.ts';
import type { FrameRecord } from './wire-recorder.ts';

export interface ReferenceComparison {
  readonly difference: FirstDifference | null;
  /** The hosts did not send the same either, since their packets depend on what the director sent before. */
  readonly otherStimulus: boolean;
}

/** Holds what a director sent against what the reference sent in the same case; frame numbers are those of the two captures. */
export function compareWithReference(
  reference: readonly FrameRecord[],
  observed: readonly FrameRecord[],
): ReferenceComparison {
  const difference = compareDirection(reference, observed, 'out');
  return { difference, otherStimulus: difference !== null && compareDirection(reference, observed, 'in') !== null };
}

function compareDirection(
  reference: readonly FrameRecord[],
  observed: readonly FrameRecord[],
  direction: FrameRecord['direction'],
): FirstDifference | null {
  const [left, right] = [reference, observed].map((records) =>
    records.filter((record) => record.direction === direction),
  );
  const found = compareFrames(capturedFrames(left ?? []), capturedFrames(right ?? []));
  if (found === null) return null;
  return { ...found, left: place(reference, left, found.left), right: place(observed, right, found.right) };
}

/** The number in the whole capture of a frame given by its number among some of them. */
function place(
  all: readonly FrameRecord[],
  some: readonly FrameRecord[] | undefined,
  number: number | null,
): number | null {
  const record = number === null ? undefined : some?.[number];
  return record === undefined ? null : all.indexOf(record);
}
