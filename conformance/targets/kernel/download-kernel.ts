import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { Apt } from './apt.ts';
import { makeCacheEntry, unpackArchives } from './cache-entry.ts';
import { debianSource } from './debian-source.ts';
import { cacheFolder, LIBRARY_FOLDERS, programOnHost } from './find-kernel.ts';
import { type Outcome, runProgram } from './run-program.ts';
import type { Suite } from './suites.ts';

const KERNEL = 'user-mode-linux';
/** With all they depend on they make a kernel that runs on a machine whose C library is older than the suite's. */
const PACKAGES = [KERNEL, 'libc6', 'patchelf'];
/** What apt says of a suite whose key the machine does not trust. */
const UNTRUSTED = /NO_PUBKEY|is not signed|Missing key/;

const unsupported = (suite: string, why: string, mend: string): UnsupportedFeature =>
  new UnsupportedFeature(`The kernel of Debian ${suite} cannot be downloaded: ${why.replaceAll('\n', ' ')}; ${mend}`);

/**
 * Downloads the kernel of another suite of Debian than the machine's own into a cache of that suite, through the machine's own mirror.
 * @param series the suite's kernel must be of it
 * @throws {UnsupportedFeature} one line with the reason and the mend
 */
export const downloadKernel = async (
  { name: suite }: Suite,
  series: string,
  progress: (line: string) => void,
): Promise<void> => {
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (programOnHost(program) === null)
      throw unsupported(suite, `this machine has no ${program}`, 'run it where there is one');
  }
  const source = await debianSource(suite);
  await makeCacheEntry(cacheFolder(suite), `The kernel of Debian ${suite}`, async ({ workshop, root, placeOf }) => {
    const apt = new Apt(join(workshop, 'apt'), source);
    progress(`reading the package index of Debian ${suite}`);
    const update = await apt.update();
    const candidate = await apt.candidate(KERNEL);
    if (candidate === null) throw withoutIndex(suite, update);
    if (!candidate.startsWith(`${series}um`)) {
      throw unsupported(suite, `its ${KERNEL} is ${candidate}, not of ${series}`, 'ask for that series instead');
    }
    progress(`downloading ${KERNEL} ${candidate} of Debian ${suite}`);
    const { problem } = await apt.download(PACKAGES);
    if (problem !== null) throw unsupported(suite, problem, 'mend that and run again');
    progress('unpacking');
    const unpacked = await unpackArchives(apt.archives, root);
    if ('problem' in unpacked) throw unsupported(suite, unpacked.problem, 'run again');
    const failure = await makeRunnable(root, placeOf(unpacked.packages));
    if (failure !== null) throw unsupported(suite, failure, 'run it on a newer machine');
    return unpacked.packages;
  });
};

const withoutIndex = (suite: string, { problem, warning }: Outcome): UnsupportedFeature => {
  const cause = problem ?? warning ?? `it has no ${KERNEL}`;
  return UNTRUSTED.test(cause)
    ? unsupported(
        suite,
        `this machine does not trust its key (${cause})`,
        'a newer keyring has it: apt-get install debian-archive-keyring',
      )
    : unsupported(suite, cause, 'mend that and run again');
};

/**
 * A kernel newer than the machine may need a newer C library: then it gets its suite's, with the program loader that belongs to it. Both
 * have to be written into the program: given to the loader to run, it finds its memory laid out otherwise.
 * @param place where `root` will be
 * @returns what went wrong, or null
 */
const makeRunnable = async (root: string, place: string): Promise<string | null> => {
  const kernel = join(root, 'usr/bin/linux.uml');
  if ((await runProgram(kernel, ['--version'])).problem === null) return null;
  const folder = LIBRARY_FOLDERS.find((path) => existsSync(join(root, path, LOADER)));
  if (folder === undefined) return `its C library has no ${LOADER}`;
  // The suite's patchelf needs its C library as well.
  const libraries = LIBRARY_FOLDERS.map((path) => join(root, path)).join(':');
  const { problem } = await runProgram(join(root, folder, LOADER), [
    ...['--library-path', libraries, join(root, 'usr/bin/patchelf')],
    ...['--set-interpreter', join(place, folder, LOADER), '--set-rpath', join(place, folder), '--force-rpath', kernel],
  ]);
  return problem;
};

const LOADER = 'ld-linux-x86-64.so.2';
