import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MalformedInput } from '../reference/errors.ts';
import type { StoredRun } from './read-run.ts';

/**
 * The file of a capture that a result of the run names; null where it was not kept. Throws MalformedInput where a symbolic link leads out
 * of the run's folder: a run may come from somebody else, and what it names is copied and shown.
 */
export function captureFile({ folder }: StoredRun, capture: string): string | null {
  const path = join(folder, capture);
  let file: string;
  try {
    file = realpathSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new MalformedInput(
      `${path}: cannot be read (${error instanceof Error ? error.message : String(error)}); mend its folder`,
    );
  }
  if (!file.startsWith(join(realpathSync(folder), sep))) {
    throw new MalformedInput(`${path}: is a link out of the run's folder; put the capture itself there`);
  }
  return file;
}
