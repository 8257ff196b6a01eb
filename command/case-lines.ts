import type { RunCase } from '../conformance/harness/run.ts';

/** A line for each case: id, level, title. */
export function caseLines(cases: readonly Pick<RunCase, 'id' | 'level' | 'title'>[]): string {
  const width = Math.max(...cases.map(({ id }) => id.length));
  return cases.map(({ id, level, title }) => `${id.padEnd(width)}  ${level}  ${title}\n`).join('');
}
