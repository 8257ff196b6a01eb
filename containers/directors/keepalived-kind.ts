import type { DirectorKind } from './director-kind.ts';
import { KeepalivedDirector } from './keepalived-director.ts';
import { kernelKind } from './kernel-kind.ts';

/** The director of {@link kernelKind} as keepalived configures it. */
export function keepalivedKind(version: string, isHosts: boolean): DirectorKind {
  const kernel = kernelKind(version, isHosts);
  return {
    ...kernel,
    id: 'docker-keepalived',
    description: `keepalived with health checks, on ${kernel.description}`,
    features: new Set([...kernel.features, 'health-checks']),
    start: (machine, topology) => KeepalivedDirector.start(machine, topology),
  };
}
