import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** In a container the processes of others, whose folders one may share, are not seen. */
const YOUNGEST_MS = 3_600_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes the folders `PREFIX PID-…` that processes left behind which were killed before they could do it. */
export const removeAbandonedFolders = (parent: string, prefix: string): void => {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    const path = join(parent, name);
    try {
      if (Date.now() - statSync(path).mtimeMs > YOUNGEST_MS) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another user's, or another run was quicker: it is not ours to care for.
    }
  }
};
