import { UnsupportedFeature } from '../../../reference/errors.ts';
import { downloadPackages } from './download-packages.ts';
import { findKernel, hostProblem, searchKernel } from './find-kernel.ts';
import type { KernelInstallation } from './installation.ts';

/**
 * The newest kernel that can be had: one that is here, or else downloaded as packages into the cache, without root and without installing anything.
 * @throws {UnsupportedFeature} one line that says why there is none and what mends it
 */
export const obtainKernel = async (progress: (line: string) => void): Promise<KernelInstallation> => {
  const problem = hostProblem();
  if (problem !== null) throw new UnsupportedFeature(problem);
  const { missing } = searchKernel();
  // A compiler alone is not worth failing for: without one the clock cannot be moved, and everything else works.
  if (missing.length > 0) await downloadPackages(missing, progress);
  const found = findKernel();
  if ('why' in found) throw new UnsupportedFeature(found.why);
  return found;
};
