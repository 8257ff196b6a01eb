import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { MANIFEST } from './find-kernel.ts';
import { createOwnFolder, removeOwnFolder } from './own-folders.ts';
import { runProgram } from './run-program.ts';

const TEMPORARY = '.new-';

/** Where the files of a new entry are, and where they will be. */
export interface NewEntry {
  /** A folder for what is needed on the way. */
  readonly workshop: string;
  readonly root: string;
  /** Where `root` will be when these packages are all that is in it. */
  readonly placeOf: (packages: Readonly<Record<string, string>>) => string;
}

/**
 * Makes an entry of a cache. It appears whole or not at all; two runs side by side each make their own, and one of the two stays.
 * @param fill unpacks packages to `root`; answers their versions, by package
 * @throws {UnsupportedFeature} one line, where the cache cannot be written
 */
export const makeCacheEntry = async (
  cache: string,
  what: string,
  fill: (entry: NewEntry) => Promise<Record<string, string>>,
): Promise<void> => {
  const placeOf = (packages: Readonly<Record<string, string>>): string => join(cache, identityOf(packages, cache));
  let folder: string | null = null;
  try {
    mkdirSync(cache, { recursive: true });
    folder = createOwnFolder(cache, TEMPORARY);
    const entry = join(folder, 'entry');
    const root = join(entry, 'root');
    mkdirSync(root, { recursive: true });
    const packages = await fill({ workshop: folder, root, placeOf: (known) => join(placeOf(known), 'root') });
    writeFileSync(join(entry, MANIFEST), `${JSON.stringify(packages, null, 2)}\n`);
    publish(entry, placeOf(packages));
  } catch (error) {
    // A disk that is full, a folder that cannot be written.
    const isSystems = error instanceof Error && 'syscall' in error;
    if (!isSystems) throw error;
    throw new UnsupportedFeature(
      `${what} cannot be downloaded: ${error.message} (LVS_CONFORMANCE_CACHE names another folder for what is downloaded)`,
    );
  } finally {
    if (folder !== null) removeOwnFolder(folder);
  }
};

export type Unpacked = { readonly packages: Record<string, string> } | { readonly problem: string };

/** Unpacks every package of a folder but those named, and answers the versions by package. */
export const unpackArchives = async (
  archives: string,
  root: string,
  except: ReadonlySet<string> = new Set(),
): Promise<Unpacked> => {
  const packages: Record<string, string> = {};
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const path = join(archives, file);
    const shown = await runProgram('dpkg-deb', ['--show', '--showformat', '${Package} ${Version}', path]);
    const [name = '', version = ''] = shown.output.trim().split(' ');
    if (shown.problem === null && except.has(name)) continue;
    const problem = shown.problem ?? (await runProgram('dpkg-deb', ['-x', path, root])).problem;
    if (problem !== null) return { problem };
    packages[name] = version;
  }
  return { packages };
};

/**
 * Names an entry after what is in it, so that two runs with the same packages make the same one, and after where it is: what was made
 * for another place may not run in this one.
 */
const identityOf = (packages: Readonly<Record<string, string>>, cache: string): string =>
  createHash('sha256')
    .update(JSON.stringify([cache, ...Object.entries(packages).sort()]))
    .digest('hex')
    .slice(0, 16);

const publish = (entry: string, place: string): void => {
  try {
    renameSync(entry, place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another run was first with the same packages.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
};
