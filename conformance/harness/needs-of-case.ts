import type { Feature } from '../targets/target.ts';
import type { Case } from './case.ts';
import { featuresOfCommands } from './features-of-commands.ts';

/** What a case needs: what it states, what its rules and settings show, and for level `ipvs` the kernel's own choices. Sorted. */
export function needsOfCase({ needs, rules, level, environment }: Case): readonly Feature[] {
  const found = new Set([...needs, ...featuresOfCommands(rules.split('\n'))]);
  if (level === 'ipvs') found.add('kernel-choices');
  if (Object.keys(environment?.sysctls ?? {}).length > 0) found.add('sysctl');
  return [...found].sort();
}
