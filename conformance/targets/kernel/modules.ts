import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** What a guest is for: it is either a director or a real server, since a server's modules change what the kernel does with tunnel packets. */
export type GuestRole = 'director' | 'server';

/** What a real server can be arranged with: the tunnel device, a dummy device, netfilter's REDIRECT and its filter. */
const FOR_SERVERS: ReadonlySet<string> = new Set([
  'ipip',
  'dummy',
  'iptable_nat',
  'iptable_filter',
  'xt_REDIRECT',
  // Not used, but a guest's settings are the same for both roles.
  'ipv6',
]);

/** What a director's packets can be marked with: netfilter's table and what its rules are made of. */
const FOR_MARKS: ReadonlySet<string> = new Set(['iptable_mangle', 'xt_mark', 'xt_tcpudp']);

/** With everything that would be loaded on demand: a guest has no modprobe that the kernel could call. */
const IS_WANTED: Readonly<Record<GuestRole, (name: string) => boolean>> = {
  director: (name) => name === 'ip_vs' || name.startsWith('ip_vs_') || FOR_MARKS.has(name),
  server: (name) => FOR_SERVERS.has(name),
};

export interface ModuleFile {
  readonly name: string;
  readonly path: string;
  /** The kernel is to unpack it (`.ko.xz` and the like). */
  readonly compressed: boolean;
}

/**
 * The kernel modules that a guest of this role needs, as far as the kernel has them, each after those it depends on.
 * `modules.dep` lists for every module all modules it needs, the deepest last (modules.dep(5)).
 */
export const moduleFiles = (folder: string, role: GuestRole): ModuleFile[] => {
  const files = new Map<string, ModuleFile>();
  const add = (file: string): void => {
    const [name = '', ...endings] = basename(file).split('.');
    files.set(file, { name, path: join(folder, file), compressed: endings.length > 1 });
  };
  for (const line of readFileSync(join(folder, 'modules.dep'), 'utf8').split('\n')) {
    const [file = '', needs = ''] = line.split(':');
    if (!IS_WANTED[role](basename(file).split('.')[0] ?? '')) continue;
    needs.split(' ').filter(Boolean).reverse().forEach(add);
    add(file);
  }
  return [...files.values()];
};
