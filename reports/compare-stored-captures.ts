import { compareFrames } from '../conformance/captures/compare-captures.ts';
import type { Capture } from '../conformance/captures/capture.ts';
import { readCapture } from '../conformance/captures/read-capture.ts';
import { tapsOf } from '../conformance/captures/taps-of.ts';
import type { RunResult } from '../conformance/harness/run.ts';
import { MalformedInput, UnsupportedFeature } from '../reference/errors.ts';
import { captureFile } from './capture-file.ts';
import type { CompareCaptures } from './compare-runs.ts';
import type { StoredRun } from './read-run.ts';

/**
 * Compares captures as they lie beside two runs. Both directions count: hosts that send something else show that the case changed. What two
 * right directors may do differently (`TOLERATED_DIFFERENCES`) does not count.
 */
export function compareStoredCaptures(a: StoredRun, b: StoredRun): CompareCaptures {
  return (resultA, resultB) => {
    try {
      const [one, other] = [captureOf(a, resultA), captureOf(b, resultB)];
      if ([one, other].some((capture) => tapsOf(capture) !== null)) return BETWEEN_MACHINES;
      const [left, right] = [one.frames, other.frames];
      const difference = compareFrames(left, right);
      if (difference === null) return null;
      const frame = difference.left === null ? right[difference.right ?? 0] : left[difference.left];
      return { ...difference, direction: frame?.direction ?? null };
    } catch (error) {
      if (error instanceof MalformedInput || error instanceof UnsupportedFeature) return error.message;
      throw error;
    }
  };
}

const BETWEEN_MACHINES =
  'the machines choose ports and sequence numbers of their own, so that no two captures of them agree';

function captureOf(stored: StoredRun, { capture }: RunResult): Capture {
  if (capture === null) return { interfaces: [], frames: [] };
  const file = captureFile(stored, capture);
  if (file === null) throw new MalformedInput(`${stored.name} comes without its captures`);
  return readCapture(file);
}
