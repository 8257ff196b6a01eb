import type { DirectorKind } from '../directors/director-kind.ts';
import type { ContainerCase } from './container-case.ts';

/**
 * Whether a case is asked of a director. Who asks servers how they are is asked about that, and is else the director that stands behind
 * it; of all others it would be too much.
 */
export function isAskedOf(theCase: Pick<ContainerCase, 'needs'>, kind: Pick<DirectorKind, 'features'>): boolean {
  return kind.features.has('health-checks') === theCase.needs.includes('health-checks');
}
