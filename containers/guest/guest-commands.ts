import { join } from 'node:path';
import type { KernelInstallation } from '../../conformance/targets/kernel/installation.ts';
import type { KernelNeed } from '../topologies/topology.ts';

const MODULES: Readonly<Record<KernelNeed, readonly string[]>> = {
  // Schedulers and forwarding methods bring themselves along; an application's helper does not.
  ipvs: ['ip_vs', 'ip_vs_ftp'],
  // Devices tunl0 and ip6tnl0.
  ipip: ['ipip', 'ip6_tunnel'],
  sctp: ['sctp'],
};

/** Where the guest's and its container's files meet: commands, what they print, and the guest's memory, which programs are run from. */
export const GUEST_MEMORY_FOLDERS: Readonly<Record<string, string>> = { '/guest': 'exec' };

/** Folders of this machine that a container with a guest needs, read-only. */
export function guestFolders({ kernel, modules, version }: KernelInstallation): { here: string; there: string }[] {
  // A kernel of another suite was told where its program loader is: everything is found at its own place.
  const root = kernel.slice(0, -PROGRAM.length);
  const program = kernel.endsWith(PROGRAM) && root !== '' ? root : kernel;
  return [
    { here: program, there: program },
    { here: modules, there: join('/usr/lib/modules', version) },
  ];
}

const PROGRAM = '/usr/bin/linux.uml';

/** @param scripts the folder of this file in the container */
export function guestStart(
  scripts: string,
  { kernel }: KernelInstallation,
  { megabytes, needs }: { megabytes: number; needs: readonly KernelNeed[] },
): string[] {
  return ['sh', `${scripts}/start.sh`, kernel, `${megabytes}M`, 'ipv6', ...needs.flatMap((need) => MODULES[need])];
}

/** What takes a line of `sh` as its last parameter and runs it in the guest. */
export function guestInterpreter(scripts: string): string[] {
  return ['perl', `${scripts}/run.pl`];
}
