import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** IPVS with everything it would load by itself on demand: a guest has no modprobe that the kernel could call. */
const isWanted = (name: string): boolean => name === 'ip_vs' || name.startsWith('ip_vs_');

export interface ModuleFile {
  readonly name: string;
  readonly path: string;
  /** The kernel is to unpack it (`.ko.xz` and the like). */
  readonly compressed: boolean;
}

/**
 * The kernel modules a director needs, each after those it depends on.
 * `modules.dep` lists for every module all modules it needs, the deepest last (modules.dep(5)).
 */
export const moduleFiles = (folder: string): ModuleFile[] => {
  const files = new Map<string, ModuleFile>();
  const add = (file: string): void => {
    const [name = '', ...endings] = basename(file).split('.');
    files.set(file, { name, path: join(folder, file), compressed: endings.length > 1 });
  };
  for (const line of readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n')) {
    const [file = '', needs = ''] = line.split(':');
    if (!isWanted(basename(file).split('.')[0] ?? '')) continue;
    needs.split(' ').filter(Boolean).reverse().forEach(add);
    add(file);
  }
  return [...files.values()];
};
