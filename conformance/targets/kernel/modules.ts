import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** IPVS with everything it would load by itself on demand: a guest has no modprobe that the kernel could call. */
const isWanted = (name: string): boolean => name === 'ip_vs' || name.startsWith('ip_vs_');

/**
 * Files of the kernel modules a director needs, each after those it depends on.
 * `modules.dep` lists for every module all modules it needs, the deepest last (modules.dep(5), depmod(8)).
 */
export const moduleFiles = (folder: string): string[] => {
  const ordered = new Set<string>();
  for (const line of readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n')) {
    const [file = '', needs = ''] = line.split(':');
    if (!isWanted(basename(file).split('.')[0] ?? '')) continue;
    for (const needed of needs.split(' ').filter(Boolean).reverse()) ordered.add(join(folder, needed));
    ordered.add(join(folder, file));
  }
  return [...ordered];
};
