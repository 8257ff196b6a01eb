import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of this process. */
const own = new Set<string>();

process.on('exit', () => {
  for (const folder of own) removeOwnFolder(folder);
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Process numbers mean something only among those who share them: in a container, /tmp may be shared and they not. Linux alone has that. */
const numbering = (): string =>
  process.platform === 'linux' ? (/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '') : '';

/**
 * Makes a folder `PREFIX PID-…`, to be removed with {@link removeOwnFolder} and at the latest when the process ends. Removes such folders
 * of processes that were killed before they could do it.
 */
export const createOwnFolder = (parent: string, prefix: string): string => {
  const scheme = numbering();
  for (const name of readdirSync(parent)) {
    const [pid = '', itsScheme] = name.startsWith(prefix) ? name.slice(prefix.length).split('-') : [];
    if (itsScheme === scheme && !isAlive(Number(pid))) remove(join(parent, name));
  }
  const folder = mkdtempSync(join(parent, `${prefix}${process.pid}-${scheme}-`));
  own.add(folder);
  return folder;
};

export const removeOwnFolder = (folder: string): void => {
  own.delete(folder);
  remove(folder);
};

const remove = (folder: string): void => {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // Another user's, or another run removes it at this moment: it costs some bytes until somebody can.
  }
};
