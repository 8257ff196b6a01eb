import type { Run, RunCase, RunResult, RunTarget } from '../conformance/harness/run.ts';

export interface CaseResult {
  readonly case: RunCase;
  readonly result: RunResult;
}

export interface TargetResults {
  readonly target: RunTarget;
  /** In the order of the run's cases. */
  readonly results: readonly CaseResult[];
}

/** A run's results grouped by target, each with its case. A case that a target was not given is left out. */
export function resultsByTarget(run: Run): TargetResults[] {
  const results = new Map(run.results.map((result) => [key(result.target, result.case), result]));
  return run.targets.map((target) => ({
    target,
    results: run.cases.flatMap((runCase) => {
      const result = results.get(key(target.id, runCase.id));
      return result === undefined ? [] : [{ case: runCase, result }];
    }),
  }));
}

/** Unambiguous whatever the two ids hold. */
function key(target: string, caseId: string): string {
  return JSON.stringify([target, caseId]);
}
