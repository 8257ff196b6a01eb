import type { StartedTestContainer } from 'testcontainers';
import type { KernelInstallation } from '../../conformance/targets/kernel/installation.ts';
import { GUEST_MEMORY_FOLDERS, guestFolders, guestInterpreter, guestStart } from '../guest/guest-commands.ts';
import type { KernelNeed } from '../topologies/topology.ts';
import { PROJECT_IN_CONTAINER } from './project-root.ts';
import { Shell } from './shell.ts';

/** The kernel that a machine's commands run on: the host's, or a user-mode one inside the container. */
export interface MachineKernel {
  /** Folders of this machine that the container must have for it, read-only. */
  readonly folders: readonly { readonly here: string; readonly there: string }[];
  /** Folders in memory, by path, with the options of mount(8). */
  readonly memoryFolders: Readonly<Record<string, string>>;
  /** Has the kernel take over the container's interfaces, which are connected. Called again, it ends the one that runs. Null: it is the host's. */
  readonly start: ((container: Shell) => Promise<void>) | null;
  shell(name: string, container: StartedTestContainer): Shell;
}

/** The host's kernel, in the container's namespaces. */
export const hostKernel: MachineKernel = {
  folders: [],
  memoryFolders: {},
  start: null,
  shell: (name, container) => new Shell(name, container),
};

const SCRIPTS = `${PROJECT_IN_CONTAINER}/containers/guest`;
/** Of memory; the host gives it as it is used. */
const GUEST_MEGABYTES = 160;

/** A user-mode kernel with what is needed of it. */
export function guestKernel(installation: KernelInstallation, needs: readonly KernelNeed[]): MachineKernel {
  const line = guestStart(SCRIPTS, installation, { megabytes: GUEST_MEGABYTES, needs }).join(' ');
  return {
    folders: guestFolders(installation),
    memoryFolders: GUEST_MEMORY_FOLDERS,
    start: async (container) => {
      await container.must(line);
    },
    shell: (name, container) => new Shell(name, container, guestInterpreter(SCRIPTS)),
  };
}
