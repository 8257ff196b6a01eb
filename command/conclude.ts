import { join } from 'node:path';
import { surprisesOf, type KnownFailure } from '../conformance/harness/known-failures.ts';
import type { Run } from '../conformance/harness/run.ts';
import { VERDICTS, verdictCounts } from '../reports/verdict-counts.ts';
import { EXIT_STATUS } from './explain-error.ts';
import type { Terminal } from './terminal.ts';

/** Of the lines that end a run, so many name failures; the report has them all. */
const MOST_FAILURES = 20;

export interface ConcludeOptions {
  /** Folder of the report. */
  readonly out: string;
  /** The file with the list of known failures. */
  readonly known?: string;
  /** Whether a known failure that passes now counts. */
  readonly strict?: true;
}

/** Totals, failures in short, where to look; the exit status. */
export function conclude(
  result: Run,
  known: readonly KnownFailure[],
  options: ConcludeOptions,
  terminal: Terminal,
): number {
  const { newFailures, mended } = surprisesOf(result, known);
  const errors = result.results.filter(({ verdict }) => verdict === 'error');
  const name = Math.max(...result.targets.map(({ id }) => id.length));
  for (const { id, version } of result.targets) {
    const counts = verdictCounts(result, id);
    const numbers = VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
    terminal.out(`${id.padEnd(name)}  ${numbers.join(', ')}  (${version})\n`);
  }
  const failures = [...newFailures, ...errors];
  for (const { verdict, target, case: caseId, reason } of failures.slice(0, MOST_FAILURES)) {
    terminal.out(`${verdict}  ${target}  ${caseId}\n${reason.replace(/^/gm, '    ')}\n`);
  }
  if (failures.length > MOST_FAILURES) {
    terminal.out(`… and ${failures.length - MOST_FAILURES} more in the report\n`);
  }
  for (const { target, caseGlob } of mended) {
    terminal.out(`known failure passes now: ${target} ${caseGlob}; take it off ${options.known ?? 'the list'}\n`);
  }
  terminal.out(`report: ${join(options.out, 'index.html')}\n`);
  if (newFailures.length > 0 || (options.strict === true && mended.length > 0)) {
    return EXIT_STATUS.failed;
  }
  return errors.length > 0 ? EXIT_STATUS.fault : EXIT_STATUS.ok;
}
