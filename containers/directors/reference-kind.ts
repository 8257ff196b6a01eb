import { featuresOfProfile } from '../../conformance/targets/features-of-profile.ts';
import { toolVersion } from '../../command/tool-version.ts';
import { PROFILES } from '../../reference/profile.ts';
import type { DirectorKind } from './director-kind.ts';
import { ReferenceDirector } from './reference-director.ts';

/** The reference director, as a program on a container's interfaces. */
export const referenceKind: DirectorKind = {
  id: 'docker-reference',
  description: 'The reference director on the interfaces of a container (AF_PACKET)',
  version: toolVersion(),
  features: featuresOfProfile(PROFILES.linux),
  profile: PROFILES.linux,
  needs: [],
  start: (machine, topology) => ReferenceDirector.start(machine, topology),
};
