import { compareFrames } from '../conformance/captures/compare-captures.ts';
import type { CapturedFrame } from '../conformance/captures/capture.ts';
import { readCapture } from '../conformance/captures/read-capture.ts';
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
      const [left, right] = [framesOf(a, resultA), framesOf(b, resultB)];
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

function framesOf(stored: StoredRun, { capture }: RunResult): readonly CapturedFrame[] {
  if (capture === null) return [];
  const file = captureFile(stored, capture);
  if (file === null) throw new MalformedInput(`${stored.name} comes without its captures`);
  return readCapture(file).frames;
}
