import { tmpdir } from 'node:os';
import { createOwnFolder } from './own-folders.ts';

/** A new temporary folder of this process that guests can see: they have the machine's files, but a /dev and a /proc of their own. */
export const createRunFolder = (): string =>
  createOwnFolder(/^\/(dev|proc)\//.test(tmpdir()) ? '/tmp' : tmpdir(), 'lvs-kernel-');
