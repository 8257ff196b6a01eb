import { speaksIpv6, type Environment, type PortConfiguration } from '../../../reference/environment.ts';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../../../reference/errors.ts';
import { isListenerReport } from '../../captures/listener-report.ts';
import { ConfigurationRefused, type FrameReceiver, type Session, type StatisticsFile } from '../target.ts';
import { OperationFailed } from './agent.ts';
import { derivedNeighbours } from './derived-neighbours.ts';
import { FrameLink } from './frame-link.ts';
import { LONGEST_FRAME } from './frame-port.ts';
import type { Device, Guest } from './guest.ts';
import { barrierAddress, hostSetup, hostTeardown, writeSetting } from './host-setup.ts';
import { ipv6Readiness } from './ipv6-readiness.ts';
import { packetCounters } from './packet-counters.ts';

/**
 * Seconds of one jump of the clock. Time passes in jumps because a timer that starts another one (a neighbour's next probe, the second
 * life of a template) counts from the instant at which it ran: it may be late by one jump, so by 5 % of the time that has passed. The
 * kernel can only count 881 s from one look at its clock to the next (`max_idle_ns` in its log).
 */
const JUMP = { shortest: 0.1, relative: 0.05, longest: 300 };
/** What was sent when the devices went down is in our sockets; it needs a turn of the event loop, not time. */
const LAST_FRAMES_LIMIT_MS = 100;

export interface SessionOptions {
  readonly guest: Guest;
  readonly environment: Environment;
  readonly receiver: FrameReceiver;
  /** Called once, when the guest is free again. */
  readonly release: () => void;
}

interface SessionPort {
  readonly configuration: PortConfiguration;
  readonly device: Device;
  readonly link: FrameLink;
}

/** One fresh network namespace of a guest with the session's devices in it: IPVS, neighbours, routes and settings are all its own. */
export class KernelSession implements Session {
  readonly #guest: Guest;
  readonly #ports: readonly SessionPort[];
  readonly #release: () => void;
  /** Commands that hold, in order. */
  readonly #configured: string[] = [];
  #hasTraffic = false;
  #isClosed = false;
  readonly advance?: (seconds: number) => Promise<void>;

  private constructor(guest: Guest, ports: readonly SessionPort[], release: () => void) {
    this.#guest = guest;
    this.#ports = ports;
    this.#release = release;
    if (guest.hasClock) this.advance = (seconds) => this.#advance(seconds);
  }

  /** @throws {UnsupportedFeature} for ports that a guest does not have; MalformedInput for an environment that the kernel refuses */
  static async open({ guest, environment, receiver, release }: SessionOptions): Promise<KernelSession> {
    const devices = chooseDevices(guest, environment.ports);
    const ports = environment.ports.flatMap((configuration, index): SessionPort[] => {
      const device = devices[index];
      if (device === undefined) return [];
      const link = new FrameLink(device.port, configuration.mac, barrierAddress(environment, configuration));
      return [{ configuration, device, link }];
    });
    guest.onLost = (fault) => ports.forEach(({ link }) => link.fail(fault));
    const steps = hostSetup(environment, ports);
    try {
      await guest.perform(...steps.map(({ operation }) => operation));
      if (speaksIpv6(environment)) await ipv6Readiness(guest, environment);
    } catch (error) {
      guest.condemn();
      for (const { link } of ports) link.close();
      if (!(error instanceof OperationFailed)) throw error;
      throw new MalformedInput(`The kernel refuses ${steps[error.index]?.what ?? 'the environment'}: ${error.message}`);
    }
    for (const [index, { link }] of ports.entries()) {
      // The guest reports some 20 ms after its addresses are new (mcast.c:mld_ifc_event): about no packet, and when it likes.
      const deliver = (frame: Uint8Array): void => {
        if (!isListenerReport(frame)) receiver(index, frame);
      };
      link.receiver = environment.neighbours === 'derived' ? derivedNeighbours(link, deliver) : deliver;
    }
    return new KernelSession(guest, ports, release);
  }

  /**
   * Commands hold up to the first that is refused.
   * @throws {ConfigurationRefused} with what ipvsadm says; of several commands it names the one
   */
  async configure(commands: readonly string[]): Promise<void> {
    const wanted = commands.map((command) => command.trim()).filter((command) => command !== '');
    const [first, ...others] = wanted;
    if (first === undefined) return;
    if (others.length > 0 && !this.#hasTraffic) {
      if ((await this.#ipvsadm(wanted)) === null) {
        this.#configured.push(...wanted);
        return;
      }
      // ipvsadm goes on after a refusal and does not say which line it was: begin again, one by one.
      await this.#ipvsadm(['-C']);
      wanted.unshift(...this.#configured.splice(0));
    }
    for (const command of wanted) {
      const refusal = await this.#ipvsadm([command]);
      if (refusal !== null) throw new ConfigurationRefused(others.length > 0 ? `${command}: ${refusal}` : refusal);
      this.#configured.push(command);
    }
  }

  send(port: number, frame: Uint8Array): void {
    const link = this.#ports[port]?.link;
    if (link === undefined) throw new InternalFault(`The director has no port ${port}`);
    if (this.#isClosed) throw new InternalFault('A frame was sent after the end of the session');
    if (frame.length > LONGEST_FRAME) {
      throw new MalformedInput(
        `A frame of ${frame.length} bytes cannot be given to a kernel: it takes ${LONGEST_FRAME} at most`,
      );
    }
    // No wire carries a frame without a byte, and the driver counts none.
    if (frame.length === 0) return;
    this.#hasTraffic = true;
    link.send(frame);
  }

  /**
   * First a barrier on every port that got frames: when it is passed the director has dealt with them, and what it made of them waits at
   * its ports in order. Then one on every port that another may have sent through.
   */
  async settle(): Promise<void> {
    for (let dirty = this.#dirty; dirty.length > 0; dirty = this.#dirty) {
      await this.#pass(dirty);
      await this.#pass(this.#ports.filter((port) => dirty.some((other) => other !== port)));
    }
  }

  async setSysctl(name: string, value: string): Promise<void> {
    try {
      await this.#guest.perform(writeSetting(name, value));
    } catch (error) {
      throw error instanceof OperationFailed ? new MalformedInput(`setting ${name}=${value}: ${error.message}`) : error;
    }
  }

  connections(): Promise<string> {
    return this.#read('/proc/net/ip_vs_conn');
  }

  services(): Promise<string> {
    return this.#read('/proc/net/ip_vs');
  }

  async list(command: string): Promise<string> {
    const { status, said } = await this.#runIpvsadm([command]);
    if (status !== '0') throw new ConfigurationRefused(said.trim());
    return said;
  }

  statistics(file: StatisticsFile): Promise<string> {
    return this.#read(`/proc/net/${file}`);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      await this.settle();
      await this.#pass(this.#ports);
      const { down, back } = hostTeardown(this.#ports, this.#guest.home);
      const answers = await this.#guest.perform(...down, ['read', '/proc/net/dev'], ...back);
      await this.#compareCounters(answers[down.length]?.toString('latin1') ?? '');
    } catch (error) {
      this.#guest.condemn();
      throw error;
    } finally {
      for (const { link } of this.#ports) link.close();
      this.#release();
    }
  }

  get #dirty(): readonly SessionPort[] {
    return this.#ports.filter(({ link }) => link.isDirty);
  }

  /** Both sides count from the boot of the guest. A guest that lost a frame is not used again, so the counts are equal before a session. */
  async #compareCounters(text: string): Promise<void> {
    const counters = packetCounters(text);
    for (const { configuration, device } of this.#ports) {
      const counted = counters.get(configuration.name);
      if (counted === undefined)
        throw new InternalFault(`The guest does not count the packets of port ${configuration.name}`);
      const deadline = performance.now() + LAST_FRAMES_LIMIT_MS;
      while (device.port.received < counted.sent && performance.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 1));
      const [there, back] = [device.port.sent - counted.received, counted.sent - device.port.received];
      if (there !== 0 || back !== 0) {
        throw new InternalFault(
          `Frames were lost on port ${configuration.name}: ${there} on the way to the director, ${back} on the way from it`,
        );
      }
    }
  }

  async #advance(seconds: number): Promise<void> {
    await this.settle();
    for (let passed = 0; passed < seconds;) {
      const jump = Math.min(seconds - passed, Math.max(passed * JUMP.relative, JUMP.shortest), JUMP.longest);
      passed += jump;
      await this.#guest.jump(jump);
    }
    await this.#pass(this.#ports);
    await this.settle();
  }

  async #read(path: string): Promise<string> {
    const [text] = await this.#guest.perform(['read', path]);
    return text?.toString('latin1') ?? '';
  }

  /** Has ipvsadm carry out commands in the session's namespace: null, or what it said when it refused one. */
  async #ipvsadm(commands: readonly string[]): Promise<string | null> {
    const { status, said } = await this.#runIpvsadm(commands);
    // Its exit status is 0 after most refusals, but only where all went well it says nothing.
    if (said !== '')
      return said
        .split('\n')
        .filter((line) => line !== '')
        .join(' ');
    return status === '0' ? null : `ipvsadm ended with status ${status}`;
  }

  async #runIpvsadm(commands: readonly string[]): Promise<{ readonly status: string; readonly said: string }> {
    const [answer] = await this.#guest.perform(['ipvsadm', `${commands.join('\n')}\n`]);
    const [status = '', ...lines] = answer?.toString('latin1').split('\n') ?? [];
    return { status, said: lines.join('\n') };
  }

  async #pass(ports: readonly SessionPort[]): Promise<void> {
    try {
      await this.#guest.awake(Promise.all(ports.map(({ link }) => link.pass())));
    } catch (error) {
      this.#guest.condemn();
      throw error;
    }
  }
}

/** A device for every port: with exactly its MTU where that is above 1500, which a device cannot change to. */
const chooseDevices = (guest: Guest, ports: readonly PortConfiguration[]): Device[] => {
  const free = [...guest.devices];
  return ports.map(({ name, mtu }) => {
    const index = free.findIndex((device) => device.mtu === Math.max(mtu, 1500));
    const [device] = index < 0 ? [] : free.splice(index, 1);
    if (device === undefined) {
      throw new UnsupportedFeature(
        `Port ${name} with MTU ${mtu}: a kernel director has two ports of up to 1500 bytes and two of 9000`,
      );
    }
    return device;
  });
};
