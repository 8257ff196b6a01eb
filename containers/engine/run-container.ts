import { GenericContainer, type StartedTestContainer, type WaitStrategy } from 'testcontainers';
import type { Docker } from './engine.ts';
import { removeContainer } from './remove.ts';

/** The first process of a container: ends when its standard input does, and takes leave of whatever lost its parent. */
const HOLD = 'exec 3<&0; cat <&3 >/dev/null & wait $!';

/** A container that runs is ready: it does nothing of its own. */
const running: WaitStrategy = {
  waitUntilReady: () => Promise.resolve(),
  withStartupTimeout: () => running,
  isStartupTimeoutSet: () => false,
  getStartupTimeout: () => 0,
};

/**
 * A container of a run, without a network, that waits for commands. It ends with the run's process, even where that is killed: then the
 * connection to its standard input breaks, and the engine removes it.
 */
export class RunContainer extends GenericContainer {
  readonly #docker: Docker;
  #id: string | null = null;
  #input: NodeJS.ReadWriteStream | null = null;

  constructor(docker: Docker, image: string) {
    super(image);
    this.#docker = docker;
    this.withNetworkMode('none').withCommand(['sh', '-c', HOLD]).withWaitStrategy(running);
    this.createOpts.OpenStdin = true;
    this.createOpts.StdinOnce = true;
    this.hostConfig.AutoRemove = true;
  }

  /** Its processes see all of the machine's, and so can name another container's network by a process in it. */
  withMachinesProcesses(): this {
    this.hostConfig.PidMode = 'host';
    return this;
  }

  /** By whole name: `net.ipv4.ip_forward`. */
  withSysctls(sysctls: Readonly<Record<string, string>>): this {
    this.hostConfig.Sysctls = { ...this.hostConfig.Sysctls, ...sysctls };
    return this;
  }

  /** Starts it for `work` alone. */
  async use<T>(work: (started: StartedTestContainer) => Promise<T>): Promise<T> {
    try {
      return await work(await this.start());
    } finally {
      await this.remove();
    }
  }

  /** Ends it at once, with all that runs in it. */
  async remove(): Promise<void> {
    const id = this.#id;
    this.#id = null;
    if (id !== null) await removeContainer(this.#docker, id);
    this.#input?.end();
  }

  protected override async containerCreated(id: string): Promise<void> {
    this.#id = id;
    this.#input = await this.#docker.getContainer(id).attach({ stream: true, stdin: true, hijack: true });
    // It breaks when the container ends; whoever uses the container then hears of it.
    this.#input.on('error', () => undefined);
  }
}
