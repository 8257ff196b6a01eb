import type { Environment, PortConfiguration } from '../../../reference/environment.ts';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../../../reference/errors.ts';
import { isListenerReport } from '../../captures/listener-report.ts';
import type { FrameReceiver, FrameSession } from '../target.ts';
import { OperationFailed } from './agent.ts';
import { derivedNeighbours } from './derived-neighbours.ts';
import { FrameLink } from './frame-link.ts';
import { LONGEST_FRAME } from './frame-port.ts';
import type { Device, Guest } from './guest.ts';
import { barrierAddress, hostTeardown, type ConfiguredPort, type SetupStep } from './host-setup.ts';
import { packetCounters } from './packet-counters.ts';

/**
 * Seconds of one jump of the clock. Time passes in jumps because a timer that starts another one (a neighbour's next probe, the second
 * life of a template) counts from the instant at which it ran: it may be late by one jump, so by 5 % of the time that has passed. The
 * kernel can only count 881 s from one look at its clock to the next (`max_idle_ns` in its log).
 */
const JUMP = { shortest: 0.1, relative: 0.05, longest: 300 };
/** What was sent when the devices went down is in our sockets; it needs a turn of the event loop, not time. */
const LAST_FRAMES_LIMIT_MS = 100;

export interface WiresOptions {
  readonly guest: Guest;
  readonly environment: Environment;
  readonly receiver: FrameReceiver;
  /** What makes the namespace the machine under test, to be done in one go. */
  readonly setup: (ports: readonly ConfiguredPort[]) => readonly SetupStep[];
  /** Done after it. */
  readonly finish: () => Promise<void>;
  /** Called once, when the guest is free again. */
  readonly release: () => void;
}

interface SessionPort {
  readonly configuration: PortConfiguration;
  readonly device: Device;
  readonly link: FrameLink;
}

/** The wires of one session: a fresh network namespace of a guest, with the session's devices in it. */
export class GuestWires implements FrameSession {
  readonly #guest: Guest;
  readonly #ports: readonly SessionPort[];
  readonly #release: () => void;
  #hasTraffic = false;
  #isClosed = false;
  readonly advance?: (seconds: number) => Promise<void>;

  private constructor(guest: Guest, ports: readonly SessionPort[], release: () => void) {
    this.#guest = guest;
    this.#ports = ports;
    this.#release = release;
    if (guest.hasClock) this.advance = (seconds) => this.#advance(seconds);
  }

  /** @throws {UnsupportedFeature} for ports that a guest does not have; MalformedInput for what the kernel refuses */
  static async open({ guest, environment, receiver, setup, finish, release }: WiresOptions): Promise<GuestWires> {
    const devices = chooseDevices(guest, environment.ports);
    const ports = environment.ports.flatMap((configuration, index): SessionPort[] => {
      const device = devices[index];
      if (device === undefined) return [];
      const link = new FrameLink(device.port, configuration.mac, barrierAddress(environment, configuration));
      return [{ configuration, device, link }];
    });
    guest.onLost = (fault) => ports.forEach(({ link }) => link.fail(fault));
    const steps = setup(ports);
    try {
      await guest.perform(...steps.map(({ operation }) => operation));
      await finish();
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
    return new GuestWires(guest, ports, release);
  }

  /** Whether any frame was sent. */
  get hasTraffic(): boolean {
    return this.#hasTraffic;
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

  /** A barrier on every port: resolves when the machine has dealt with all that came before it, and what it sent was delivered. */
  passAll(): Promise<void> {
    return this.#pass(this.#ports);
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

  async #pass(ports: readonly SessionPort[]): Promise<void> {
    try {
      await this.#guest.awake(Promise.all(ports.map(({ link }) => link.pass())));
    } catch (error) {
      this.#guest.condemn();
      throw error;
    }
  }
}

/**
 * A device for every port: with exactly its MTU where that is above 1500, which a device cannot change to. The last first: devices keep their
 * index, and in a namespace where tunnels are known the tunnel device is at home at 2, the first one's.
 */
const chooseDevices = (guest: Guest, ports: readonly PortConfiguration[]): Device[] => {
  const free = [...guest.devices];
  return ports.map(({ name, mtu }) => {
    const index = free.findLastIndex((device) => device.mtu === Math.max(mtu, 1500));
    const [device] = index < 0 ? [] : free.splice(index, 1);
    if (device === undefined) {
      throw new UnsupportedFeature(
        `Port ${name} with MTU ${mtu}: a kernel director has two ports of up to 1500 bytes and two of 9000`,
      );
    }
    return device;
  });
};
