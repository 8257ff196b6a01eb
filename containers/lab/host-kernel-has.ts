import type { ContainerRun } from '../engine/container-run.ts';
import type { KernelNeed } from '../topologies/topology.ts';
import { Shell } from './shell.ts';

/** By need, the line of `sh` that succeeds where the kernel has it, or can load it when asked. */
const PROBES: Readonly<Record<KernelNeed, string>> = {
  ipvs: 'ipvsadm -L -n',
  ipip: 'ip link add probe type ipip local 127.0.0.1',
  sctp: `perl -MSocket -e 'socket(my $s, AF_INET, SOCK_STREAM, 132) or exit 1'`,
};

/** What the engine's own kernel has of what machines may need. */
export async function hostKernelHas(run: ContainerRun): Promise<ReadonlySet<KernelNeed>> {
  return run
    .container('kernel-probe')
    .withAddedCapabilities('NET_ADMIN')
    .use(async (container) => {
      const shell = new Shell('kernel-probe', container);
      const needs = Object.keys(PROBES) as KernelNeed[];
      const results = await Promise.all(needs.map((need) => shell.run(PROBES[need])));
      return new Set(needs.filter((_, index) => results[index]?.status === 0));
    });
}
