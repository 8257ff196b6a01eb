import { FEATURES, type Feature } from '../targets/target.ts';
import type { Case } from './case.ts';

/** What an ipvsadm option says about the director: the forwarding method and the protocol. */
const BY_OPTION: Readonly<Partial<Record<string, Feature>>> = {
  '-m': 'nat',
  '-i': 'tunnel',
  '-g': 'direct-route',
  '-t': 'tcp',
  '-u': 'udp',
};

/** What a case needs: what it states, what its rules show, and for level `ipvs` the kernel's own choices. Sorted. */
export function needsOfCase({ needs, rules, level }: Case): readonly Feature[] {
  const found = new Set(needs);
  if (level === 'ipvs') found.add('kernel-choices');
  for (const line of rules.split('\n')) {
    const words = line.trim().split(/\s+/);
    for (const [index, word] of words.entries()) {
      const feature = word === '-s' ? `scheduler.${words[index + 1] ?? ''}` : BY_OPTION[word];
      if (feature !== undefined && isFeature(feature)) found.add(feature);
    }
  }
  return [...found].sort();
}

const isFeature = (name: string): name is Feature => Object.hasOwn(FEATURES, name);
