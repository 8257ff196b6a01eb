import { mkdirSync } from 'node:fs';
import { getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';
import { InternalFault } from '../../reference/errors.ts';
import { WatchedDirector } from './watched-director.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import type { KernelNeed, MachineDeclaration, Topology } from '../topologies/topology.ts';
import type { ContainerRun } from '../engine/container-run.ts';
import type { RunContainer } from '../engine/run-container.ts';
import type { MachineKernel } from './machine-kernel.ts';
import { machineSetup, withoutOffloads, WRITABLE_SETTINGS } from './machine-setup.ts';
import { PROJECT_IN_CONTAINER, PROJECT_ROOT } from './project-root.ts';
import { RunningLab } from './running-lab.ts';
import { Shell } from './shell.ts';
import { StartedMachine } from './started-machine.ts';
import { CAPTURES_IN_SWITCH, Switch } from './switch.ts';

/** Where servers have what they serve. */
const CONTENT_IN_CONTAINER = '/srv/content';
const START_SERVICES = `${PROJECT_IN_CONTAINER}/containers/services/start-services.sh`;

export interface LabOptions {
  readonly topology: Topology;
  readonly kind: DirectorKind;
  readonly run: ContainerRun;
  /** The kernel for a machine with these needs. */
  readonly kernelFor: (needs: readonly KernelNeed[]) => MachineKernel;
  /** Folder of what the servers serve. */
  readonly content: string;
  /** Folder for captures, made where missing. */
  readonly captures: string;
}

interface Part {
  readonly declaration: MachineDeclaration;
  readonly kernel: MachineKernel;
  readonly container: StartedTestContainer;
  /** Of the container. */
  readonly outer: Shell;
  /** Of the kernel that has the interfaces. */
  readonly shell: Shell;
}

/** Starts a topology's containers, connects them, and starts what runs on them. Where that fails, nothing of it is left. */
export async function startLab(options: LabOptions): Promise<RunningLab> {
  const { topology, captures, run } = options;
  mkdirSync(captures, { recursive: true });
  const containers: RunContainer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(containers.map((container) => container.remove()));
  };
  const labContainer = (name: string, folders: readonly BindMount[]): RunContainer => {
    const container = run
      .container(name)
      // Besides interfaces and frames, a machine changes settings of its network: that takes CAP_SYS_ADMIN, and no profile against it.
      .withAddedCapabilities('NET_ADMIN', 'NET_RAW', 'SYS_ADMIN')
      .withSecurityOpt('apparmor=unconfined')
      .withBindMounts([{ source: PROJECT_ROOT, target: PROJECT_IN_CONTAINER, mode: 'ro' }, ...folders]);
    containers.push(container);
    return container;
  };
  try {
    const [switchContainer, ...parts] = await Promise.all([
      labContainer('switch', [{ source: captures, target: CAPTURES_IN_SWITCH, mode: 'rw' }])
        .withMachinesProcesses()
        .start(),
      ...topology.machines.map((declaration) => startPart(declaration, options, labContainer)),
    ]);
    const cables = new Switch(switchContainer, topology, captures);
    await cables.connect(topology, await processIds(parts));
    await Promise.all(parts.map(startKernel));
    const directorPart = parts.find(({ declaration }) => declaration.role === 'director');
    if (directorPart === undefined) throw new InternalFault(`${topology.id} declares no director`);
    const others = parts.filter((part) => part !== directorPart);
    const [director] = await Promise.all([
      startDirector(directorPart, options),
      ...others.map((part) => setUp(part, topology)),
    ]);
    const machines = others.map(({ declaration, shell }) => new StartedMachine(declaration, shell));
    return new RunningLab({ topology, director: new WatchedDirector(director), machines, cables, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

type BindMount = Parameters<RunContainer['withBindMounts']>[0][number];

async function startPart(
  declaration: MachineDeclaration,
  { content, kind, kernelFor }: LabOptions,
  labContainer: (name: string, folders: readonly BindMount[]) => RunContainer,
): Promise<Part> {
  const { name, role, needs = [] } = declaration;
  const kernel = kernelFor(role === 'director' ? kind.needs : needs);
  const container = await labContainer(name, [
    { source: content, target: CONTENT_IN_CONTAINER, mode: 'ro' },
    ...kernel.folders.map(({ here, there }): BindMount => ({ source: here, target: there, mode: 'ro' })),
  ])
    .withTmpFs({ ...kernel.memoryFolders })
    .start();
  return { declaration, kernel, container, outer: new Shell(name, container), shell: kernel.shell(name, container) };
}

async function processIds(parts: readonly Part[]): Promise<ReadonlyMap<string, number>> {
  const { container: engine } = await getContainerRuntimeClient();
  return new Map(
    await Promise.all(
      parts.map(async ({ declaration, container }) => {
        const { State } = await engine.inspect(engine.getById(container.getId()));
        return [declaration.name, State.Pid] as const;
      }),
    ),
  );
}

async function startKernel({ declaration, kernel, outer }: Part): Promise<void> {
  await outer.must([WRITABLE_SETTINGS, ...declaration.interfaces.map(({ name }) => withoutOffloads(name))].join('\n'));
  await kernel.start?.(outer);
}

async function setUp({ declaration, shell }: Part, topology: Topology): Promise<void> {
  await shell.must(
    [
      'set -e',
      ...machineSetup(topology, declaration),
      ...(declaration.role === 'server' ? [`sh ${START_SERVICES}`] : []),
    ].join('\n'),
  );
}

function startDirector({ declaration, kernel, outer, shell }: Part, { kind, topology }: LabOptions) {
  const { start } = kernel;
  const reboot = start === null ? {} : { reboot: () => start(outer) };
  return kind.start({ declaration, shell, container: outer, ...reboot }, topology);
}
