import { copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MalformedInput } from '../reference/errors.ts';
import { captureFile } from '../reports/capture-file.ts';
import { mergeRuns, type MergedCapture } from '../reports/merge-runs.ts';
import { readRun, type StoredRun } from '../reports/read-run.ts';
import { ReportFolder } from '../reports/report-folder.ts';
import { EXIT_STATUS } from './explain-error.ts';
import type { Terminal } from './terminal.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** `lvs-conformance report RUN… --out DIR`. Resolves to the exit status. Rejects with MalformedInput, or Interrupted. */
export async function report(
  [first, ...more]: readonly [string, ...string[]],
  { out }: { readonly out: string },
  terminal: Terminal,
): Promise<number> {
  const stored: readonly [StoredRun, ...StoredRun[]] = [readRun(first), ...more.map(readRun)];
  const { run, captures } = mergeRuns([stored[0].run, ...stored.slice(1).map((item) => item.run)]);
  const folder = new ReportFolder(out);
  try {
    const missing = await untilInterrupted(async (signal) => {
      const notThere = await copyCaptures(captures, stored, folder.staging, signal);
      signal.throwIfAborted();
      folder.publish(run);
      return notThere;
    });
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
async function copyCaptures(
  captures: readonly MergedCapture[],
  stored: readonly StoredRun[],
  target: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const missing = new Map<string, number>();
  for (const { run, from, to } of captures) {
    signal.throwIfAborted();
    const source = stored[run];
    const file = source === undefined ? null : captureFile(source, from);
    if (file === null) {
      const name = source?.name ?? '';
      missing.set(name, (missing.get(name) ?? 0) + 1);
      continue;
    }
    try {
      await mkdir(dirname(join(target, to)), { recursive: true });
      await copyFile(file, join(target, to));
    } catch (error) {
      throw new MalformedInput(
        `${file}: cannot be copied (${error instanceof Error ? error.message : String(error)}); make room, or mend its rights`,
      );
    }
  }
  return missing;
}
