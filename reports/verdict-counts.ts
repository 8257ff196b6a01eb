import type { Run, RunResult, Verdict } from '../conformance/harness/run.ts';

/** From good to bad. */
export const VERDICTS = ['pass', 'deviates', 'unsupported', 'fail', 'error'] as const satisfies readonly Verdict[];

export type VerdictCounts = Readonly<Record<Verdict, number>>;

/** How many results of a target there are of each verdict. */
export function verdictCounts(run: Run, target: string): VerdictCounts {
  return countVerdicts(run.results.filter((result) => result.target === target));
}

export function countVerdicts(results: readonly RunResult[]): VerdictCounts {
  const counts = { pass: 0, deviates: 0, unsupported: 0, fail: 0, error: 0 };
  for (const { verdict } of results) {
    counts[verdict]++;
  }
  return counts;
}
