import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'lvs-kernel-';

/** A guest sees the machine's files, but has a /dev and a /proc of its own. */
const parentFolder = (): string => (/^\/(dev|proc)\//.test(tmpdir()) ? '/tmp' : tmpdir());

/** Whether a process with this number exists. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A new temporary folder of this process. Removes those of processes that were killed before they could. */
export const createRunFolder = (): string => {
  const parent = parentFolder();
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : NaN;
    if (Number.isInteger(pid) && !isAlive(pid)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
};
