import { UnsupportedFeature } from '../../../reference/errors.ts';
import { downloadPackages } from './download-packages.ts';
import { findKernel, hostProblem, searchKernel } from './find-kernel.ts';
import type { KernelInstallation } from './installation.ts';

/** A package that is worth having, but not worth failing for: without a compiler the clock cannot be moved, and everything else works. */
const OPTIONAL = 'tcc';

/**
 * The newest kernel that can be had: one that is here, or else downloaded as packages into the cache, without root and without installing anything.
 * @throws {UnsupportedFeature} one line that says why there is none and what mends it
 */
export const obtainKernel = async (progress: (line: string) => void): Promise<KernelInstallation> => {
  const problem = hostProblem();
  if (problem !== null) throw new UnsupportedFeature(problem);
  const { missing } = searchKernel();
  if (missing.length > 0) await download(missing, progress);
  const found = findKernel();
  if ('why' in found) throw new UnsupportedFeature(found.why);
  return found;
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
