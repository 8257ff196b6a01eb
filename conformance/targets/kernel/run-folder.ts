import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAbandonedFolders } from './abandoned-folders.ts';

const PREFIX = 'lvs-kernel-';

/** A new temporary folder of this process that guests can see: they have the machine's files, but a /dev and a /proc of their own. */
export const createRunFolder = (): string => {
  const parent = /^\/(dev|proc)\//.test(tmpdir()) ? '/tmp' : tmpdir();
  removeAbandonedFolders(parent, PREFIX);
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
};
