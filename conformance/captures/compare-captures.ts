import { describePacket, dissect } from '../../reference/wire/packet.ts';
import type { FirstDifference } from '../harness/run.ts';
import type { CapturedFrame } from './capture.ts';
import type { ComparableFrame } from './comparable-frame.ts';
import { differingFrames } from './differing-frames.ts';
import { frameDifferences } from './frame-differences.ts';
import { TOLERATED_DIFFERENCES, type ToleratedDifference } from './tolerated-differences.ts';

export interface ComparisonOptions {
  /** What may differ. Default {@link TOLERATED_DIFFERENCES}; an empty list makes the comparison strict. */
  readonly tolerated?: readonly ToleratedDifference[];
}

/**
 * The first difference between two captures of the same stimulus, `left` what is expected and `right` what is observed,
 * or null. Frames are paired in order for each interface and direction, and compared byte for byte but for what is
 * tolerated. Times, comments, and how frames of two interfaces lie between each other are not compared.
 */
export function compareFrames(
  left: readonly CapturedFrame[],
  right: readonly CapturedFrame[],
  { tolerated = TOLERATED_DIFFERENCES }: ComparisonOptions = {},
): FirstDifference | null {
  const first = differingFrames(left, right, tolerated).differing[0];
  if (first === undefined) return null;
  const [one, other] = first.pair;
  const frames = { frame: first.number, left: one?.index ?? null, right: other?.index ?? null };
  const field = one === null || other === null ? undefined : frameDifferences(one, other)[0];
  if (field === undefined) return { ...frames, expected: describe(one), observed: describe(other) };
  return {
    ...frames,
    layer: field.layer,
    field: field.field,
    offset: field.offset,
    expected: field.left,
    observed: field.right,
  };
}

function describe(frame: ComparableFrame | null): string {
  return frame === null ? 'no frame' : describePacket(dissect(frame.frame.bytes));
}
