import { speaksIpv6 } from '../../reference/environment.ts';
import type { Feature } from '../targets/target.ts';
import { environmentOfCase } from './environment-of-case.ts';
import { featuresOfCommands } from './features-of-commands.ts';
import { type AnyCase, isServerCase } from './server-case.ts';

/**
 * What a case needs: what it states, what its rules and settings show, and for level `ipvs` the kernel's own choices; of a real server the
 * methods that its set-up is meant for. Sorted.
 */
export function needsOfCase(theCase: AnyCase): readonly Feature[] {
  if (isServerCase(theCase)) return [...theCase.setup.methods].sort();
  const { needs, rules, level, environment } = theCase;
  const found = new Set([...needs, ...featuresOfCommands(rules.split('\n'))]);
  if (level === 'ipvs') found.add('kernel-choices');
  if (speaksIpv6(environmentOfCase(theCase))) found.add('ipv6');
  if (Object.keys(environment?.sysctls ?? {}).length > 0) found.add('sysctl');
  return [...found].sort();
}
