import { UnsupportedFeature } from '../../../reference/errors.ts';
import { isOwnSuite } from './debian-source.ts';
import { downloadKernel } from './download-kernel.ts';
import { downloadPackages } from './download-packages.ts';
import { findKernel, hostProblem, searchKernel } from './find-kernel.ts';
import type { KernelInstallation } from './installation.ts';
import { SUITES, suitesWith } from './suites.ts';

/** A package that is worth having, but not worth failing for: without a compiler the clock cannot be moved, and everything else works. */
const OPTIONAL = 'tcc';
const KERNEL = 'user-mode-linux';

/**
 * A kernel of a series, or the newest of this machine and its own suite: one that is here, or else downloaded as packages into the cache,
 * without root and without installing anything.
 * @throws {UnsupportedFeature} one line that says why there is none and what mends it
 */
export const obtainKernel = async (
  progress: (line: string) => void,
  series: string | null = null,
): Promise<KernelInstallation> => {
  const problem = hostProblem();
  if (problem !== null) throw new UnsupportedFeature(problem);
  const { missing } = searchKernel(series);
  const isElsewhere = series !== null && missing.includes(KERNEL) && !(await isOwnSeries(series));
  const wanted = isElsewhere ? missing.filter((name) => name !== KERNEL) : missing;
  if (wanted.length > 0) await download(wanted, progress);
  if (isElsewhere) await downloadFromSuites(series, progress);
  const found = findKernel(series);
  if ('why' in found) throw new UnsupportedFeature(found.why);
  return found;
};

const isOwnSeries = async (series: string): Promise<boolean> => {
  for (const suite of SUITES) if (suite.series === series && (await isOwnSuite(suite.name))) return true;
  return false;
};

const knownSeries = `there are ${[...new Set(SUITES.map(({ series }) => series))].join(', ')}`;

/** Tries one suite after the other; where none has the kernel, the likeliest says why. */
const downloadFromSuites = async (series: string, progress: (line: string) => void): Promise<void> => {
  const refusals: UnsupportedFeature[] = [];
  for (const suite of suitesWith(series)) {
    try {
      await downloadKernel(suite, series, progress);
      return;
    } catch (error) {
      if (!(error instanceof UnsupportedFeature)) throw error;
      refusals.push(error);
    }
  }
  throw refusals[0] ?? new UnsupportedFeature(`No suite of Debian has a kernel ${series}; ${knownSeries}`);
};

const download = async (missing: readonly string[], progress: (line: string) => void): Promise<void> => {
  try {
    await downloadPackages(missing, progress);
  } catch (error) {
    if (!(error instanceof UnsupportedFeature) || !missing.includes(OPTIONAL)) throw error;
    const needed = missing.filter((name) => name !== OPTIONAL);
    if (needed.length > 0) await downloadPackages(needed, progress);
    else progress(`without a C compiler the clock cannot be moved: ${error.message}`);
  }
};
