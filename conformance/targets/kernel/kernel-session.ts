import type { Environment, PortConfiguration } from '../../../reference/environment.ts';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../../../reference/errors.ts';
import { ConfigurationRefused, type FrameReceiver, type Session } from '../target.ts';
import { type Operation, OperationFailed } from './agent.ts';
import { FrameLink } from './frame-link.ts';
import type { Device, Guest } from './guest.ts';
import { addAddress, addRoute, changeLink } from './netlink.ts';

const LOOPBACK_INDEX = 1;
const AGENT_PID = 1;
const settingPath = (name: string): string => `/proc/sys/net/ipv4/${name.replaceAll('.', '/')}`;

/** A director's settings before a case's own; `default` is what devices take over when they come into the namespace. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ['ip_forward', '1'],
  ['conf.all.rp_filter', '0'],
  ['conf.default.rp_filter', '0'],
  ['conf.all.send_redirects', '0'],
  ['conf.default.send_redirects', '0'],
  ['icmp_ratelimit', '0'],
];
const write = (name: string, value: string): Operation => ['write', settingPath(name), value];

/** Packets by device of `/proc/net/dev`. */
const counters = (text: string): Map<string, { readonly received: number; readonly sent: number }> => {
  const byName = new Map<string, { received: number; sent: number }>();
  for (const line of text.split('\n').slice(2)) {
    const [name = '', ...columns] = line.trim().split(/[:\s]+/);
    byName.set(name, { received: Number(columns[1]), sent: Number(columns[9]) });
  }
  return byName;
};

interface SessionPort {
  readonly configuration: PortConfiguration;
  readonly device: Device;
  readonly link: FrameLink;
}

const chooseDevices = (guest: Guest, ports: readonly PortConfiguration[]): Device[] => {
  const free = [...guest.devices];
  return ports.map((port) => {
    const index = free.findIndex((device) => (port.mtu > 1500 ? device.mtu === port.mtu : device.mtu === 1500));
    const [device] = index < 0 ? [] : free.splice(index, 1);
    if (device === undefined)
      throw new UnsupportedFeature(
        `Port ${port.name} with MTU ${port.mtu}: a guest has two ports of up to 1500 bytes and two of 9000`,
      );
    return device;
  });
};

/** One network namespace of a guest with the session's devices in it. */
export class KernelSession implements Session {
  readonly #guest: Guest;
  readonly #ports: readonly SessionPort[];
  readonly #release: () => void;
  readonly #before: ReadonlyMap<string, { readonly received: number; readonly sent: number }>;
  readonly #configured: string[] = [];
  #traffic = false;
  #closed = false;

  private constructor(
    guest: Guest,
    ports: readonly SessionPort[],
    before: ReadonlyMap<string, { received: number; sent: number }>,
    release: () => void,
  ) {
    this.#guest = guest;
    this.#ports = ports;
    this.#before = before;
    this.#release = release;
    if (guest.clock !== null) this.advance = (seconds) => this.#advance(seconds);
  }

  advance?: (seconds: number) => Promise<void>;

  /** Builds the host in a fresh namespace. `release` is called once, when the guest is free again. */
  static async open(
    guest: Guest,
    environment: Environment,
    receiver: FrameReceiver,
    release: () => void,
  ): Promise<KernelSession> {
    const devices = chooseDevices(guest, environment.ports);
    const ports = environment.ports.map((configuration, port): SessionPort => {
      const device = devices[port] as Device;
      const address = (configuration.addresses[0] ?? environment.virtualAddresses[0])?.split('/')[0];
      if (address === undefined)
        throw new UnsupportedFeature(
          `Port ${configuration.name} has no address and there is no virtual one: a kernel director needs one`,
        );
      return {
        configuration,
        device,
        link: new FrameLink(device.port, configuration.mac, address, (frame) => receiver(port, frame)),
      };
    });
    const operations: Operation[] = [
      ['namespace'],
      ...SETTINGS.map(([name, value]) => write(name, value)),
      ...ports.map(({ configuration, device }): Operation => [
        'netlink',
        'home',
        changeLink(device.index, {
          namespace: { pid: AGENT_PID },
          newIndex: device.index,
          name: configuration.name,
          mac: configuration.mac,
          mtu: configuration.mtu,
        }),
      ]),
      ['read', '/proc/net/dev'],
    ];
    const setup: Operation[] = [
      ['netlink', 'here', changeLink(LOOPBACK_INDEX, { up: true })],
      ...ports.flatMap(({ configuration, device }): Operation[] => [
        ['netlink', 'here', changeLink(device.index, { up: true })],
        ...configuration.addresses.map((address): Operation => ['netlink', 'here', addAddress(device.index, address)]),
      ]),
      ...environment.virtualAddresses.map((address): Operation => [
        'netlink',
        'here',
        addAddress(LOOPBACK_INDEX, `${address}/32`),
      ]),
      ...environment.routes.map((route): Operation => [
        'netlink',
        'here',
        addRoute(route.destination, { via: route.via }),
      ]),
      ...Object.entries(environment.sysctls).map(([name, value]) => write(name, value)),
    ];
    try {
      const answers = await guest.perform(...operations, ...setup);
      const before = counters(answers[operations.length - 1]?.toString('latin1') ?? '');
      return new KernelSession(guest, ports, before, release);
    } catch (error) {
      guest.condemn();
      throw error;
    }
  }

  async configure(commands: readonly string[]): Promise<void> {
    const wanted = commands.map((command) => command.trim()).filter(Boolean);
    if (wanted.length > 1 && !this.#traffic) {
      const problem = await this.#ipvsadm(['-R'], `${wanted.join('\n')}\n`);
      if (problem === null) {
        this.#configured.push(...wanted);
        return;
      }
      // `ipvsadm -R` goes on after a refusal and does not say which line it was: begin again, one by one.
      await this.#ipvsadm(['-C'], '');
      const done = this.#configured.splice(0);
      wanted.unshift(...done);
    }
    for (const command of wanted) {
      const problem = await this.#ipvsadm(command.split(/\s+/), '');
      if (problem !== null) throw new ConfigurationRefused(`${command}: ${problem}`);
      this.#configured.push(command);
    }
  }

  send(port: number, frame: Uint8Array): void {
    const link = this.#ports[port]?.link;
    if (link === undefined) throw new InternalFault(`The director has no port ${port}`);
    this.#traffic = true;
    link.send(frame);
  }

  /**
   * First every port that got frames: then the director has dealt with them, and what it made of them waits at its ports in order. Then
   * every port that another one may have sent through.
   */
  async settle(): Promise<void> {
    const dirty = this.#ports.filter(({ link }) => link.dirty);
    const others = this.#ports.filter((port) => dirty.some((other) => other !== port));
    await this.#bounded(dirty);
    await this.#bounded(others);
  }

  async setSysctl(name: string, value: string): Promise<void> {
    try {
      await this.#perform(write(name, value));
    } catch (error) {
      throw error instanceof OperationFailed ? new MalformedInput(`${name}=${value}: ${error.message}`) : error;
    }
  }

  connections(): Promise<string> {
    return this.#read('/proc/net/ip_vs_conn');
  }

  services(): Promise<string> {
    return this.#read('/proc/net/ip_vs');
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#bounded(this.#ports);
      const answers = await this.#perform(
        ...this.#ports.map(({ device }): Operation => ['netlink', 'here', changeLink(device.index, { up: false })]),
        ['read', '/proc/net/dev'],
        ...this.#ports.map(({ device }): Operation => [
          'netlink',
          'here',
          changeLink(device.index, {
            namespace: { file: this.#guest.home },
            newIndex: device.index,
            name: device.name,
          }),
        ]),
      );
      this.#compare(counters(answers[this.#ports.length]?.toString('latin1') ?? ''));
    } catch (error) {
      this.#guest.condemn();
      throw error;
    } finally {
      for (const { link } of this.#ports) link.close();
      this.#release();
    }
  }

  #compare(after: ReadonlyMap<string, { readonly received: number; readonly sent: number }>): void {
    for (const { configuration, link } of this.#ports) {
      const [start, end] = [this.#before.get(configuration.name), after.get(configuration.name)];
      if (start === undefined || end === undefined)
        throw new InternalFault(`The guest does not count the packets of port ${configuration.name}`);
      const [got, gave] = [end.received - start.received, end.sent - start.sent];
      if (got !== link.sent || gave !== link.received) {
        throw new InternalFault(
          `Frames were lost on port ${configuration.name}: ${link.sent} sent to the director and ${got} received by it, ${gave} sent by it and ${link.received} received`,
        );
      }
    }
  }

  async #advance(seconds: number): Promise<void> {
    await this.settle();
    const clock = this.#guest.clock;
    if (clock === null) throw new InternalFault('This guest has no movable clock');
    for (let left = seconds; left > 0;) {
      const step = Math.min(left, 1);
      left -= step;
      clock.jump(BigInt(Math.round(step * 1e9)));
      await this.#perform(['sleep', '10000']);
    }
    await this.#bounded(this.#ports);
  }

  async #read(path: string): Promise<string> {
    const [text] = await this.#perform(['read', path]);
    return text?.toString('latin1') ?? '';
  }

  /** Runs ipvsadm in the session's namespace: null, or what it said when it refused. */
  async #ipvsadm(args: readonly string[], input: string): Promise<string | null> {
    const [answer] = await this.#perform(['run', input, this.#guest.installation.ipvsadm, ...args]);
    const text = answer?.toString('latin1') ?? '';
    const [status = '', ...said] = text.split('\n');
    const message = said.filter(Boolean).join(' ');
    // With -R its exit status is 0 whatever happened, but it is silent only where all went well.
    if (status === '0' && (args[0] !== '-R' || message === '')) return null;
    return message || `exit status ${status}`;
  }

  async #bounded(ports: readonly SessionPort[]): Promise<void> {
    try {
      await Promise.all(ports.map(({ link }) => link.settle()));
    } catch (error) {
      this.#guest.condemn();
      throw error;
    }
  }

  #perform(...operations: readonly Operation[]): Promise<Buffer[]> {
    return this.#guest.perform(...operations);
  }
}
