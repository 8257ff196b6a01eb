import { spawnSync } from 'node:child_process';
import { statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { cacheFolder } from './find-kernel.ts';
import { createOwnFolder, removeOwnFolder } from './own-folders.ts';

/** Whether a guest of `bytes` can have its memory as a file there: enough room, and programs may be run (Docker mounts /dev/shm noexec). */
const isFit = (folder: string, bytes: number): boolean => {
  let probe: string;
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < bytes) return false;
    probe = createOwnFolder(folder, 'lvs-kernel-');
  } catch {
    return false;
  }
  try {
    const program = join(probe, 'true');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    return spawnSync(program).status === 0;
  } finally {
    removeOwnFolder(probe);
  }
};

/**
 * The folder for guests' memory of `bytes` in all: in memory where possible, since on a disk every page a guest dirties may be written.
 * @throws {UnsupportedFeature}
 */
export const memoryFolder = (bytes: number): string => {
  const candidates = [...new Set(['/dev/shm', tmpdir(), '/var/tmp', cacheFolder()])];
  const found = candidates.find((folder) => isFit(folder, bytes));
  if (found === undefined) {
    throw new UnsupportedFeature(
      `No folder has ${Math.ceil(bytes / 1024 ** 2)} MiB free and lets programs run (tried ${candidates.join(', ')}); set TMPDIR to one that does`,
    );
  }
  return found;
};
