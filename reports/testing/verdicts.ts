import type { Run, RunResult, Verdict } from '../../conformance/harness/run.ts';
import { runWith } from './runs.ts';

/** A verdict, or a result's fields. */
export type Outcome = Verdict | Partial<RunResult>;

/** A run that has these outcomes, by target and case; each target has version `1`. */
export function runOf(outcomes: Readonly<Record<string, Readonly<Record<string, Outcome>>>>): Run {
  const { cases, targets, results, ...run } = runWith({});
  const [[item], [target], [result]] = [cases, targets, results];
  if (item === undefined || target === undefined || result === undefined)
    throw new Error('the run to start from is empty');
  const ids = new Set(Object.values(outcomes).flatMap((ofTarget) => Object.keys(ofTarget)));
  return {
    ...run,
    targets: Object.keys(outcomes).map((id) => ({ ...target, id, version: '1' })),
    cases: [...ids].map((id) => ({ ...item, id })),
    results: Object.entries(outcomes).flatMap(([id, ofTarget]) =>
      Object.entries(ofTarget).map(([caseId, outcome]) => ({
        ...result,
        case: caseId,
        target: id,
        ...(typeof outcome === 'string' ? { verdict: outcome } : outcome),
      })),
    ),
  };
}
