import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { Apt } from './apt.ts';
import { makeCacheEntry, unpackArchives } from './cache-entry.ts';
import { cacheFolder, programOnHost } from './find-kernel.ts';

/** The C library has to be the one that this machine's program loader belongs to. */
const NEVER_UNPACKED = new Set(['libc6']);

const unsupported = (names: readonly string[], why: string): UnsupportedFeature =>
  new UnsupportedFeature(
    `${names.join(', ')} cannot be downloaded: ${why.replaceAll('\n', ' ')}; mend that, or install by hand: apt-get install ${names.join(' ')}`,
  );

/**
 * Downloads packages of the machine's own suite with what this machine lacks of their dependencies and unpacks them as a new entry of the
 * cache.
 * @throws {UnsupportedFeature} one line with the reason and the mend
 */
export const downloadPackages = async (names: readonly string[], progress: (line: string) => void): Promise<void> => {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (programOnHost(program) === null) throw unsupported(names, `this machine has no ${program}`);
  }
  await makeCacheEntry(cacheFolder(), names.join(', '), async ({ workshop, root }) => {
    const apt = new Apt(join(workshop, 'apt'));
    progress('reading the package index');
    const update = await apt.update();
    progress(`downloading ${names.join(', ')}`);
    const download = await apt.download(names);
    // A source that cannot be reached does not matter as long as the packages come from another one.
    if (download.problem !== null) {
      const cause = update.problem ?? update.warning;
      throw unsupported(names, cause === null ? download.problem : `${download.problem} (${cause})`);
    }
    progress('unpacking');
    const unpacked = await unpackArchives(apt.archives, root, NEVER_UNPACKED);
    if ('problem' in unpacked) throw unsupported(names, unpacked.problem);
    return unpacked.packages;
  });
};
