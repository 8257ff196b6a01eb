import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeCapture } from '../../conformance/captures/write-capture.ts';
import type { FirstDifference, RunResult } from '../../conformance/harness/run.ts';
import { thinOut, type ThinCapture } from '../captures/thin-out.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { referenceKind } from '../directors/reference-kind.ts';
import { compareOutcomes, type ComparedOutcome } from './compare-outcomes.ts';
import type { ContainerCase } from './container-case.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

/**
 * What came of a case on all directors, compared with the reference. Captures are thinned out and written to the folder of the run; the frames
 * that differ are in them, and differences count by these captures.
 */
export function resultsOfCase(
  theCase: ContainerCase,
  outcomes: ReadonlyMap<DirectorKind, ScenarioOutcome>,
  folder: string,
): readonly RunResult[] {
  const reference = outcomes.get(referenceKind);
  const compared = [...outcomes].map(([kind, outcome]): readonly [DirectorKind, ComparedOutcome] => [
    kind,
    compareOutcomes(theCase, reference && [referenceKind, reference], [kind, outcome]),
  ]);
  const thin = new Map(
    compared.map(([kind, { outcome, firstDifference }]): readonly [DirectorKind, ThinCapture | null] => {
      const spoken =
        kind === referenceKind
          ? compared.map(([, other]) => other.firstDifference?.left ?? null)
          : [firstDifference?.right ?? null];
      const indexes = spoken.filter((index) => index !== null);
      return [kind, outcome.capture === null ? null : thinOut(outcome.capture, theCase.topology, indexes)];
    }),
  );
  return compared.map(([kind, { outcome, firstDifference }]) => {
    const capture = thin.get(kind) ?? null;
    return {
      case: theCase.id,
      target: kind.id,
      verdict: outcome.verdict,
      durationMs: outcome.durationMs,
      reason: outcome.reason,
      deviations: [],
      capture: capture === null ? null : written(capture, join('captures', kind.id, `${theCase.id}.pcapng`), folder),
      firstDifference: inThin(firstDifference, thin.get(referenceKind) ?? null, capture),
      checks: outcome.checks,
      ...(outcome.loads.length > 0 && { loads: outcome.loads }),
    };
  });
}

/** Its path below the folder. */
function written({ capture }: ThinCapture, path: string, folder: string): string {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeCapture(join(folder, path), capture);
  return path;
}

/** A difference between whole captures by the places of its frames in the thin ones. */
function inThin(
  difference: FirstDifference | null,
  left: ThinCapture | null,
  right: ThinCapture | null,
): FirstDifference | null {
  if (difference === null) return null;
  const place = (capture: ThinCapture | null, index: number | null): number | null =>
    index === null ? null : (capture?.placeOf(index) ?? null);
  return { ...difference, left: place(left, difference.left), right: place(right, difference.right) };
}
