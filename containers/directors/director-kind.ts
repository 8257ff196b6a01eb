import type { Profile } from '../../reference/profile.ts';
import type { Feature } from '../../conformance/targets/target.ts';
import type { LabDirector } from '../lab/director.ts';
import type { Shell } from '../lab/shell.ts';
import type { KernelNeed, MachineDeclaration, Topology } from '../topologies/topology.ts';

/** A director that a topology can be run with: a target of the report. */
export interface DirectorKind {
  /** `docker-reference` */
  readonly id: string;
  readonly description: string;
  readonly version: string;
  readonly features: ReadonlySet<Feature>;
  /** Whose choices it is held to. */
  readonly profile: Profile;
  /** What it needs of its machine's kernel. */
  readonly needs: readonly KernelNeed[];
  start(machine: DirectorMachine, topology: Topology): Promise<LabDirector>;
}

/** Where a director runs: a machine whose interfaces are connected and bare. */
export interface DirectorMachine {
  readonly declaration: MachineDeclaration;
  /** Of the kernel that has the interfaces. */
  readonly shell: Shell;
  /** Of the container: another where the kernel is a user-mode one. */
  readonly container: Shell;
  /** Ends the user-mode kernel and starts it anew; absent where the kernel is the host's. */
  readonly reboot?: () => Promise<void>;
}
