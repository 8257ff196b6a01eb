import { compareMarkdown } from '../reports/compare-markdown.ts';
import { compareRuns, newlyFailing } from '../reports/compare-runs.ts';
import { compareStoredCaptures } from '../reports/compare-stored-captures.ts';
import { compareText } from '../reports/compare-text.ts';
import { writeComparison } from '../reports/html/write-comparison.ts';
import { readRun } from '../reports/read-run.ts';
import { EXIT_STATUS } from './explain-error.ts';
import type { Terminal } from './terminal.ts';

export interface CompareOptions {
  readonly markdown?: true;
  readonly json?: true;
  /** A new folder for a page. */
  readonly html?: string;
}

/** `lvs-conformance compare A B`. Returns the exit status: 1 where something newly fails. Throws MalformedInput. */
export function compare(pathA: string, pathB: string, options: CompareOptions, terminal: Terminal): number {
  const [a, b] = [readRun(pathA), readRun(pathB)];
  const comparison = compareRuns(a, b, compareStoredCaptures(a, b));
  if (options.html !== undefined) {
    writeComparison(comparison, options.html);
  }
  if (options.json === true) {
    terminal.out(`${JSON.stringify(comparison, null, 1)}\n`);
  } else if (options.markdown === true) {
    terminal.out(compareMarkdown(comparison));
  } else {
    terminal.out(compareText(comparison, terminal.columns));
  }
  return newlyFailing(comparison) > 0 ? EXIT_STATUS.failed : EXIT_STATUS.ok;
}
