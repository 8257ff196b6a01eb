import { speaksIpv6, type Environment } from '../../../reference/environment.ts';
import { MalformedInput } from '../../../reference/errors.ts';
import { ConfigurationRefused, type FrameReceiver, type Session, type StatisticsFile } from '../target.ts';
import { OperationFailed } from './agent.ts';
import { GuestWires } from './guest-wires.ts';
import type { Guest } from './guest.ts';
import { hostSetup, writeSetting } from './host-setup.ts';
import { ipv6Readiness } from './ipv6-readiness.ts';
import { hasWaitingDatagrams } from './socket-queues.ts';

export interface SessionOptions {
  readonly guest: Guest;
  readonly environment: Environment;
  readonly receiver: FrameReceiver;
  /** Called once, when the guest is free again. */
  readonly release: () => void;
}

/** One fresh network namespace of a guest with the session's devices in it: IPVS, neighbours, routes and settings are all its own. */
export class KernelSession implements Session {
  readonly #guest: Guest;
  readonly #wires: GuestWires;
  /** Commands that hold, in order. */
  readonly #configured: string[] = [];
  /** The kernel's thread that listens to other directors runs when it likes. */
  #hasListener = false;
  readonly advance?: (seconds: number) => Promise<void>;

  private constructor(guest: Guest, wires: GuestWires) {
    this.#guest = guest;
    this.#wires = wires;
    if (wires.advance !== undefined) this.advance = wires.advance;
  }

  /** @throws {UnsupportedFeature} for ports that a guest does not have; MalformedInput for an environment that the kernel refuses */
  static async open({ guest, environment, receiver, release }: SessionOptions): Promise<KernelSession> {
    const wires = await GuestWires.open({
      guest,
      environment,
      receiver,
      release,
      setup: (ports) => hostSetup(environment, ports),
      finish: async () => (speaksIpv6(environment) ? ipv6Readiness(guest, environment) : undefined),
    });
    return new KernelSession(guest, wires);
  }

  /**
   * Commands hold up to the first that is refused.
   * @throws {ConfigurationRefused} with what ipvsadm says; of several commands it names the one
   */
  async configure(commands: readonly string[]): Promise<void> {
    const wanted = commands.map((command) => command.trim()).filter((command) => command !== '');
    const [first, ...others] = wanted;
    if (first === undefined) return;
    this.#hasListener ||= wanted.some((command) => command.startsWith('--start-daemon backup'));
    if (others.length > 0 && !this.#wires.hasTraffic) {
      if ((await this.#ipvsadm(wanted)) === null) {
        this.#configured.push(...wanted);
        return;
      }
      // ipvsadm goes on after a refusal and does not say which line it was: begin again, one by one.
      await this.#ipvsadm(['-C', '--stop-daemon master', '--stop-daemon backup']);
      wanted.unshift(...this.#configured.splice(0));
    }
    for (const command of wanted) {
      const refusal = await this.#ipvsadm([command]);
      if (refusal !== null) throw new ConfigurationRefused(others.length > 0 ? `${command}: ${refusal}` : refusal);
      this.#configured.push(command);
    }
  }

  send(port: number, frame: Uint8Array): void {
    this.#wires.send(port, frame);
  }

  async settle(): Promise<void> {
    await this.#wires.settle();
    while (this.#hasListener && hasWaitingDatagrams(await this.#read('/proc/net/udp'))) continue;
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

  origins(): Promise<string> {
    return this.#read('/proc/net/ip_vs_conn_sync');
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

  close(): Promise<void> {
    return this.#wires.close();
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
}
