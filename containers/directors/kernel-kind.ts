import { featuresOfProfile } from '../../conformance/targets/features-of-profile.ts';
import { seriesOf } from '../../conformance/targets/kernel/suites.ts';
import { linuxProfile } from '../../reference/linux-profile.ts';
import type { DirectorKind } from './director-kind.ts';
import { KernelDirector } from './kernel-director.ts';

/** The kernel's IPVS in a container: that of the host where `version` is the host's, else that of a user-mode kernel. */
export function kernelKind(version: string, isHosts: boolean): DirectorKind {
  const profile = linuxProfile(version);
  return {
    id: `docker-kernel-${seriesOf(version)}`,
    description: `Linux ${version} IPVS on the interfaces of a container (${isHosts ? "the host's kernel" : 'User Mode Linux'})`,
    version,
    features: featuresOfProfile(profile),
    profile,
    needs: ['ipvs'],
    start: (machine, topology) => KernelDirector.start(machine, topology),
  };
}
