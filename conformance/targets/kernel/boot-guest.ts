import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InternalFault, UnsupportedFeature } from '../../../reference/errors.ts';
import { Agent, type Operation, OperationFailed } from './agent.ts';
import { AGENT_SOURCE } from './agent-source.ts';
import { Clock } from './clock.ts';
import { FramePort } from './frame-port.ts';
import { type Device, Guest, type GuestParts, releaseGuest } from './guest.ts';
import { GuestProcess } from './guest-process.ts';
import type { KernelInstallation } from './installation.ts';
import { type GuestRole, moduleFiles } from './modules.ts';
import { changeLink, findLink, linkIndex } from './netlink.ts';
import { removeOwnFolder } from './own-folders.ts';
import { createRunFolder } from './run-folder.ts';

/** A guest boots in about a second; twenty times that is not slow but stuck. */
const BOOT_LIMIT_MS = 20_000;
/** How often the guest's timer is made to tick while it boots, in milliseconds; by itself it ticks every ten. */
const BOOT_TICK_MS = 1;
/** What can go better the next time is tried so often, see {@link Mishap}. */
const ATTEMPTS = 3;
/** Bytes of memory of one guest; the host gives them as they are used. */
export const GUEST_MEMORY = 256 * 1024 ** 2;

/**
 * Two devices of each kind: the vector driver takes an MTU above 1500 only as a boot argument, because it leaves `max_mtu` at Ethernet's
 * default (drivers/vector_kern.c:vector_eth_configure).
 */
const DEVICES = [9000, 9000, 1500, 1500].map((mtu, index) => ({ name: `vec${index}`, mtu }));

const NO_IPV6 = { module: 'ipv6', parameter: 'disable_ipv6=1' };

/** ETHTOOL_SGRO of `linux/ethtool.h`. */
const ETHTOOL_SET_GRO = '44';

const NEIGHBOURS = ['/proc/sys/net/ipv4/neigh/default', '/proc/sys/net/ipv6/neigh/default'];
/** What all namespaces of a guest share, and what one session could therefore feel of another: set so that it never takes effect. */
const SHARED_SETTINGS: readonly (readonly [string, string])[] = [
  // icmp.c:icmp_global_allow
  ['/proc/sys/net/ipv4/icmp_msgs_per_sec', '1000000000'],
  ['/proc/sys/net/ipv4/icmp_msgs_burst', '1000000000'],
  // neighbour.c:neigh_alloc
  ...NEIGHBOURS.flatMap((folder) =>
    [3, 2, 1].map((level): [string, string] => [`${folder}/gc_thresh${level}`, '1000000']),
  ),
  // A host says but once which groups it listens to (mcast.c:mld_ifc_event).
  ['/proc/sys/net/ipv6/mld_qrv', '1'],
];

export interface GuestOptions {
  readonly installation: KernelInstallation;
  readonly role: GuestRole;
  /** The shared object of the clock, or null: the clock cannot be moved. */
  readonly clockLibrary: string | null;
  /** The shared object of the ipvsadm server, or null: a new process for every configuration. */
  readonly ipvsadmLibrary: string | null;
  /** The CPU to stay on, or null. */
  readonly cpu: number | null;
  /** Folder for its memory. */
  readonly memoryFolder: string;
  /** Default 20,000. */
  readonly bootLimitMs?: number | undefined;
  /** Ends the boot with its reason. */
  readonly signal: AbortSignal;
}

/**
 * Starts a guest and loads IPVS in it, or what a real server needs.
 * @throws {UnsupportedFeature} when the kernel does not boot here: one line with its last words
 */
export const bootGuest = async (options: GuestOptions): Promise<Guest> => {
  for (let attempt = 1; ; attempt++) {
    options.signal.throwIfAborted();
    try {
      return await tryBoot(options);
    } catch (error) {
      if (!(error instanceof Mishap)) throw error;
      if (attempt === ATTEMPTS) throw error.lasting;
    }
  }
};

const tryBoot = async (options: GuestOptions): Promise<Guest> => {
  const folder = createRunFolder();
  const ports = await Promise.all(DEVICES.map(() => FramePort.create()));
  const clock = options.clockLibrary === null ? null : new Clock(join(folder, 'clock'));
  const script = join(folder, 'agent.pl');
  writeFileSync(script, AGENT_SOURCE);
  const guestProcess = new GuestProcess(commandLine(options, ports, folder, script), {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    TMPDIR: options.memoryFolder,
    ...(options.clockLibrary === null || clock === null
      ? {}
      : { LD_PRELOAD: options.clockLibrary, LVS_CLOCK: clock.path }),
  });
  const parts = { process: guestProcess, agent: new Agent(guestProcess.input, guestProcess.output), ports, clock };
  try {
    await readiness(parts, options);
    // From here on the guest and we have all files open.
    removeOwnFolder(folder);
    return await prepare(parts, options);
  } catch (error) {
    await releaseGuest(parts);
    throw error;
  } finally {
    removeOwnFolder(folder);
  }
};

const commandLine = (options: GuestOptions, ports: readonly FramePort[], folder: string, script: string): string[] => [
  ...(options.cpu === null ? [] : ['taskset', '-c', String(options.cpu)]),
  options.installation.kernel,
  `mem=${GUEST_MEMORY}`,
  // The machine's own files are the guest's, read-only.
  'root=/dev/root',
  'rootfstype=hostfs',
  'rootflags=/',
  'ro',
  // The kernel's log goes to standard error, the agent's line to standard input and output.
  'con=null',
  'con0=null,fd:2',
  'ssl0=fd:0,fd:1',
  'quiet',
  // Devices are without IPv6 unless a session has it: it sends frames by itself. This is for kernels that have it built in.
  `${NO_IPV6.module}.${NO_IPV6.parameter}`,
  `uml_dir=${folder}`,
  'umid=guest',
  ...ports.map((port, index) => port.deviceArgument(DEVICES[index]?.name ?? '', DEVICES[index]?.mtu ?? 0)),
  `init=${options.installation.perl}`,
  '--',
  script,
];

/** Resolves when the agent answers. */
const readiness = async ({ process: guestProcess, agent }: GuestParts, options: GuestOptions): Promise<void> => {
  const { signal } = options;
  const limit = options.bootLimitMs ?? BOOT_LIMIT_MS;
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${limit / 1000} s`), limit);
    stop = () => resolve('stopped');
  });
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  // More than half of a boot is spent on measuring the speed of RAID code, for a fixed number of ticks each (lib/raid6/algos.c).
  const ticking = setInterval(() => guestProcess.interruptTimer(), BOOT_TICK_MS);
  try {
    const end = guestProcess.ended.then((how) => ({ how, early: true }));
    const overdue = late.then((how) => ({ how, early: false }));
    const problem = await Promise.race([agent.ready.then(() => null), end, overdue]);
    signal.throwIfAborted();
    if (problem !== null) {
      const refusal = new UnsupportedFeature(
        `${options.installation.kernel} did not boot: ${problem.how}; its last words: ${guestProcess.lastWords()}`,
      );
      throw problem.early ? new Mishap(refusal) : refusal;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    clearInterval(ticking);
    clearTimeout(timer);
  }
};

/**
 * A boot that failed by chance: another process took a UDP port between our looking and the guest's opening it, or the guest aborted
 * before its first word, as one in some hundred does on a machine with much else to do.
 */
class Mishap extends Error {
  /** What to say when it happens every time. */
  readonly lasting: Error;

  constructor(lasting: Error) {
    super(lasting.message);
    this.lasting = lasting;
  }
}

/** Loads modules and sets what is the same for every session. */
const prepare = async (parts: GuestParts, { installation, role, ipvsadmLibrary }: GuestOptions): Promise<Guest> => {
  const { agent, ports } = parts;
  const ipvsadm: Operation = ['ipvsadm_is', installation.ipvsadm, ipvsadmLibrary ?? ''];
  await agent.perform(
    ...moduleFiles(installation.modules, role).map(({ name, path, compressed }): Operation => [
      'module',
      path,
      name === NO_IPV6.module ? NO_IPV6.parameter : '',
      compressed ? '4' : '0',
    ]),
    // Segments are not to be joined on the way.
    ...DEVICES.map(({ name }): Operation => ['ethtool', name, ETHTOOL_SET_GRO, '0']),
    ['environment', 'LD_LIBRARY_PATH', installation.libraries.join(':')],
    ...(role === 'director' ? [ipvsadm] : []),
    ...SHARED_SETTINGS.map(([path, value]): Operation => ['write', path, value]),
  );
  const [home, ...links] = await agent.perform(
    ['home'],
    ...DEVICES.map(({ name }): Operation => ['netlink', 'home', findLink(name)]),
  );
  const devices = DEVICES.flatMap(({ name, mtu }, index): Device[] => {
    const [link, port] = [links[index], ports[index]];
    return link === undefined || port === undefined ? [] : [{ name, mtu, index: linkIndex(link), port }];
  });
  try {
    await agent.perform(
      ...devices.flatMap(({ index }) =>
        [true, false].map((up): Operation => ['netlink', 'home', changeLink(index, { up })]),
      ),
    );
  } catch (error) {
    throw error instanceof OperationFailed
      ? new Mishap(new InternalFault(`A guest's UDP ports were taken by others ${ATTEMPTS} times`))
      : error;
  }
  return new Guest(parts, devices, Number(home));
};
