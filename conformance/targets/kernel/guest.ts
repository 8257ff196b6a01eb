import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InternalFault, UnsupportedFeature } from '../../../reference/errors.ts';
import { Agent, type Operation } from './agent.ts';
import { AGENT_SOURCE } from './agent-source.ts';
import { Clock } from './clock.ts';
import { FramePort } from './frame-port.ts';
import { GuestProcess } from './guest-process.ts';
import type { KernelInstallation } from './installation.ts';
import { moduleFiles } from './modules.ts';
import { changeLink, findLink, linkIndex } from './netlink.ts';

/** A guest boots in 2 s; ten times that is not slow but stuck. */
const BOOT_LIMIT_MS = 20_000;
const MEMORY = '256M';
/** ETHTOOL_SGRO (`linux/ethtool.h`). */
const ETHTOOL_SET_GRO = 0x2c;

/**
 * The devices of a guest. The vector driver takes an MTU above 1500 only as a boot argument (it leaves `max_mtu` at Ethernet's 1500), so
 * there are two devices of each kind, and a session takes what its ports need.
 */
const DEVICES = [
  { name: 'vec0', mtu: 9000 },
  { name: 'vec1', mtu: 9000 },
  { name: 'vec2', mtu: 1500 },
  { name: 'vec3', mtu: 1500 },
] as const;

/** An Ethernet device of a guest while no session uses it: in the guest's first network namespace, down. */
export interface Device {
  readonly name: string;
  /** Index, the same in every namespace. */
  readonly index: number;
  /** Largest MTU. */
  readonly mtu: number;
  readonly port: FramePort;
}

export interface GuestOptions {
  readonly installation: KernelInstallation;
  /** The shared object of the clock, or null: the clock cannot be moved. */
  readonly clockLibrary: string | null;
  /** The CPU to stay on, or null. */
  readonly cpu: number | null;
  readonly bootLimitMs?: number;
}

/** A running kernel. */
export class Guest {
  readonly installation: KernelInstallation;
  readonly devices: readonly Device[];
  readonly clock: Clock | null;
  /** The agent's file number of the first network namespace. */
  readonly home: number;
  readonly #process: GuestProcess;
  readonly #agent: Agent;
  readonly #ports: readonly FramePort[];
  #usable = true;

  private constructor(
    options: GuestOptions,
    process: GuestProcess,
    agent: Agent,
    ports: readonly FramePort[],
    clock: Clock | null,
    devices: readonly Device[],
    home: number,
  ) {
    this.installation = options.installation;
    this.#process = process;
    this.#agent = agent;
    this.#ports = ports;
    this.clock = clock;
    this.devices = devices;
    this.home = home;
  }

  /** @throws {UnsupportedFeature} when the kernel does not boot here. */
  static async boot(options: GuestOptions): Promise<Guest> {
    const { installation } = options;
    const folder = mkdtempSync(join(tmpdir(), `lvs-kernel-${process.pid}-`));
    const ports = await Promise.all(DEVICES.map(() => FramePort.create()));
    const clock = options.clockLibrary === null ? null : new Clock(join(folder, 'clock'));
    const script = join(folder, 'agent.pl');
    writeFileSync(script, AGENT_SOURCE);
    const command: readonly [string, ...string[]] = [
      ...(options.cpu === null ? ([] as const) : (['taskset', '-c', String(options.cpu)] as const)),
      installation.kernel,
      `mem=${MEMORY}`,
      'root=/dev/root',
      'rootfstype=hostfs',
      'rootflags=/',
      'ro',
      // The kernel's log goes to standard error, the agent's line to standard input and output.
      'con=null',
      'con0=null,fd:2',
      'ssl0=fd:0,fd:1',
      'quiet',
      `uml_dir=${folder}`,
      'umid=guest',
      ...DEVICES.map((device, index) => (ports[index] as FramePort).deviceArgument(device.name, device.mtu)),
      `init=${installation.perl}`,
      '--',
      script,
    ] as unknown as readonly [string, ...string[]];
    const guestProcess = new GuestProcess(command, {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TMPDIR: '/dev/shm',
      ...(options.clockLibrary === null || clock === null
        ? {}
        : { LD_PRELOAD: options.clockLibrary, LVS_CLOCK: clock.path }),
    });
    const agent = new Agent(guestProcess.input, guestProcess.output);
    const release = async (): Promise<void> => {
      await guestProcess.stop();
      for (const port of ports) port.close();
      clock?.close();
      rmSync(folder, { recursive: true, force: true });
    };
    const limit = options.bootLimitMs ?? BOOT_LIMIT_MS;
    let timer: NodeJS.Timeout | undefined;
    try {
      const problem = await Promise.race([
        agent.ready.then(() => null),
        guestProcess.ended,
        new Promise<string>((resolve) => {
          timer = setTimeout(() => resolve(`no answer within ${limit / 1000} s`), limit);
        }),
      ]);
      if (problem !== null)
        throw new UnsupportedFeature(`${installation.kernel} did not boot (${problem}): ${guestProcess.lastWords()}`);
      rmSync(folder, { recursive: true, force: true });
      const [home, ...indexes] = await prepare(agent, installation);
      const devices = DEVICES.map((device, position) => ({
        ...device,
        index: indexes[position] ?? 0,
        port: ports[position] as FramePort,
      }));
      const guest = new Guest(options, guestProcess, agent, ports, clock, devices, home ?? 0);
      void guestProcess.ended.then((how) => guest.#lost(`the guest ended (${how}): ${guestProcess.lastWords()}`));
      for (const port of ports) port.onFault = (fault) => guest.#lost(fault.message);
      return guest;
    } catch (error) {
      await release();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** False once anything went wrong: then it must be stopped and another one booted. */
  get usable(): boolean {
    return this.#usable;
  }

  perform(...operations: readonly Operation[]): Promise<Buffer[]> {
    return this.#agent.perform(...operations);
  }

  /** Marks the guest as not to be used again. */
  condemn(): void {
    this.#usable = false;
  }

  async stop(): Promise<void> {
    this.#usable = false;
    this.#agent.fail(new InternalFault('The guest was stopped'));
    await this.#process.stop();
    for (const port of this.#ports) port.close();
    this.clock?.close();
  }

  #lost(why: string): void {
    this.#usable = false;
    this.#agent.fail(new InternalFault(why));
  }
}

/** Loads IPVS and sets what is the same for every session. Answers the home namespace's file number, then the devices' indexes. */
const prepare = async (agent: Agent, installation: KernelInstallation): Promise<number[]> => {
  await agent.perform(
    ...moduleFiles(installation.modules).map((file): Operation => [
      'module',
      file,
      file.endsWith('/ipv6.ko') ? 'disable_ipv6=1' : '',
      '0',
    ]),
    ...DEVICES.map(({ name }): Operation => ['ethtool', name, String(ETHTOOL_SET_GRO), '0']),
    ['environment', 'LD_LIBRARY_PATH', installation.libraries.join(':')],
    // The one limit on ICMP that all namespaces share (icmp.c:icmp_global_allow).
    ['write', '/proc/sys/net/ipv4/icmp_msgs_per_sec', '1000000000'],
    ['write', '/proc/sys/net/ipv4/icmp_msgs_burst', '1000000000'],
  );
  const answers = await agent.perform(
    ['home'],
    ...DEVICES.map(({ name }): Operation => ['netlink', 'home', findLink(name)]),
  );
  const [home, ...links] = answers;
  await agent.perform(['netlink', 'home', changeLink(1, { up: true })]);
  return [Number(home), ...links.map(linkIndex)];
};
