import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MalformedInput } from '../reference/errors.ts';
import { captureFile } from '../reports/capture-file.ts';
import { mergeRuns, type MergedCapture } from '../reports/merge-runs.ts';
import { readRun, type StoredRun } from '../reports/read-run.ts';
import { ReportFolder } from '../reports/report-folder.ts';
import { EXIT_STATUS } from './explain-error.ts';
import type { Terminal } from './terminal.ts';

/** `lvs-conformance report RUN… --out DIR`. Returns the exit status. Throws MalformedInput. */
export function report(
  [first, ...more]: readonly [string, ...string[]],
  { out }: { readonly out: string },
  terminal: Terminal,
): number {
  const stored: readonly [StoredRun, ...StoredRun[]] = [readRun(first), ...more.map(readRun)];
  const { run, captures } = mergeRuns([stored[0].run, ...stored.slice(1).map((item) => item.run)]);
  const folder = new ReportFolder(out);
  try {
    const missing = copyCaptures(captures, stored, folder.staging);
    folder.publish(run);
    for (const [name, count] of missing) {
      terminal.err(
        `${name}: ${count} ${count === 1 ? 'capture is' : 'captures are'} not there; the report is without\n`,
      );
    }
  } catch (error) {
    folder.discard();
    throw error;
  }
  const width = Math.max(0, ...run.targets.map(({ id }) => id.length));
  for (const { id, version, description } of run.targets) {
    terminal.out(`${id.padEnd(width)}  ${version}  ${description}\n`);
  }
  terminal.out(`report: ${join(out, 'index.html')}\n`);
  return EXIT_STATUS.ok;
}

/** @returns how many captures of which run are not there */
function copyCaptures(
  captures: readonly MergedCapture[],
  stored: readonly StoredRun[],
  target: string,
): ReadonlyMap<string, number> {
  const missing = new Map<string, number>();
  for (const { run, from, to } of captures) {
    const source = stored[run];
    const file = source === undefined ? null : captureFile(source, from);
    if (file === null) {
      const name = source?.name ?? '';
      missing.set(name, (missing.get(name) ?? 0) + 1);
      continue;
    }
    try {
      mkdirSync(dirname(join(target, to)), { recursive: true });
      copyFileSync(file, join(target, to));
    } catch (error) {
      throw new MalformedInput(
        `${file}: cannot be copied (${error instanceof Error ? error.message : String(error)}); make room, or mend its rights`,
      );
    }
  }
  return missing;
}
