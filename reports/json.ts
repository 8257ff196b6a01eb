import type { Run } from '../conformance/harness/run.ts';

/** A run as the text of `run.json`. */
export function json(run: Run): string {
  return `${JSON.stringify(run, null, 1)}\n`;
}
