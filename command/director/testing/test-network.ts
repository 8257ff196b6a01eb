import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const isRoot = process.getuid?.() === 0;

/** Why no network namespaces can be made here; empty where they can. */
export function whyNoNamespaces(): string {
  try {
    execFileSync('unshare', [isRoot ? '-n' : '-Urn', 'ip', 'link', 'add', 'name', 'b', 'type', 'bridge'], {
      stdio: 'pipe',
    });
    return '';
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().replace(/\s*\n\s*/g, ': ') : String(error);
    return `no network namespaces can be made here (${said})`;
  }
}

/** Runs a shell script as root of its own networks, processes and files below `/run`. What it started ends with it. */
export async function runIsolated(script: string): Promise<string> {
  const own = ['--net', '--mount', '--pid', '--fork', '--kill-child', ...(isRoot ? [] : ['--user', '--map-root-user'])];
  const prepared = `mount -t tmpfs none /run && mount -t sysfs none /sys; ${script}`;
  const { stdout } = await promisify(execFile)('unshare', [...own, 'sh', '-c', prepared], { timeout: 60_000 });
  return stdout;
}

/**
 * Hosts and wires for a test, each a network namespace of its own. A namespace lives as long as the process that holds it, and that ends
 * with this one, however this one ends: nothing is left behind.
 */
export class TestNetwork {
  readonly #holders: ChildProcess[] = [];
  readonly #started: ChildProcess[] = [];

  async host(): Promise<TestHost> {
    const first = this.#holders[0]?.pid;
    // Without root's rights the first host makes them, in a user namespace, and the others are made within.
    const within = isRoot || first === undefined ? [] : inNamespacesOf(first, false);
    // On a machine with containers new namespaces forward, and a director must not have a kernel that does.
    const hold = ['sh', '-c', 'echo 0 >/proc/sys/net/ipv4/ip_forward; exec cat'];
    const command = [...within, 'unshare', isRoot || first !== undefined ? '-n' : '-Urn', ...hold];
    const holder = spawn(command[0] ?? '', command.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#holders.push(holder);
    // What comes back says that the namespace is there.
    holder.stdin.write('\n');
    await once(holder.stdout, 'data');
    const host = new TestHost(holder.pid ?? 0, this.#started);
    await host.run('ip', 'link', 'set', 'lo', 'up');
    return host;
  }

  /** A wire with a switch in the middle: each host gets an interface `name` with that address, if any. */
  async wire(...ends: readonly { host: TestHost; name: string; address?: string }[]): Promise<void> {
    const bridge = await this.host();
    await bridge.run('ip', 'link', 'add', 'bridge', 'up', 'type', 'bridge');
    for (const [index, { host, name, address }] of ends.entries()) {
      const peer = ['type', 'veth', 'peer', 'name', `port${index}`];
      await host.run('ip', 'link', 'add', name, ...peer, 'netns', String(bridge.pid));
      await bridge.run('ip', 'link', 'set', 'dev', `port${index}`, 'master', 'bridge', 'up');
      if (address !== undefined) await host.run('ip', 'address', 'add', address, 'dev', name);
      await host.run('ip', 'link', 'set', name, 'up');
    }
  }

  close(): void {
    for (const process of this.#started) process.kill('SIGKILL');
    for (const holder of this.#holders) holder.stdin?.end();
  }
}

export class TestHost {
  readonly pid: number;
  readonly #started: ChildProcess[];

  constructor(pid: number, started: ChildProcess[]) {
    this.pid = pid;
    this.#started = started;
  }

  /** Runs a command to its end and returns its standard output. Rejects where it fails. */
  async run(...command: readonly string[]): Promise<string> {
    const [program = '', ...parameters] = [...inNamespacesOf(this.pid, true), ...command];
    const { stdout } = await promisify(execFile)(program, parameters, { timeout: 20_000 });
    return stdout;
  }

  /** Starts a command that ends with the network at the latest. */
  start(...command: readonly string[]): StartedProgram {
    const [program = '', ...parameters] = [...inNamespacesOf(this.pid, true), ...command];
    const child = spawn(program, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#started.push(child);
    return new StartedProgram(child);
  }
}

/** A running program and what it has said so far. */
export class StartedProgram {
  readonly child: ChildProcess;
  out = '';
  err = '';
  #status: number | null | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (data: Buffer) => (this.out += data.toString()));
    child.stderr?.on('data', (data: Buffer) => (this.err += data.toString()));
    child.once('close', (status) => (this.#status = status));
  }

  /** Waits until it has said so on either stream. */
  async says(pattern: RegExp): Promise<void> {
    await this.#until(() => pattern.test(this.out) || pattern.test(this.err), `has not said ${pattern.source}`);
  }

  async ended(): Promise<number | null> {
    await this.#until(() => this.#status !== undefined, 'has not ended');
    return this.#status ?? null;
  }

  async #until(holds: () => boolean, otherwise: string): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!holds()) {
      if (performance.now() > deadline || this.#status !== undefined)
        throw new Error(`${otherwise}: ${this.out}${this.err}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** `nsenter` keeps the process's number: a signal to it reaches the program. */
function inNamespacesOf(pid: number, network: boolean): string[] {
  const user = isRoot ? [] : ['--user', '--preserve-credentials'];
  return ['nsenter', '--target', String(pid), ...user, ...(network ? ['--net'] : []), '--'];
}
