import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Characters of a guest's log that are kept to explain a failure: a panic and its call trace fit. */
const LOG_LIMIT = 16_384;

/** Groups of processes that must not outlive us. */
const alive = new Set<GuestProcess>();

process.on('exit', () => {
  for (const guest of alive) guest.kill();
});

/**
 * A User Mode Linux process with its own process group. It ends at the latest with us: on a normal exit or an uncaught exception we end
 * it; when we are killed, its agent sees the end of its input and switches the guest off.
 */
export class GuestProcess {
  readonly input: Writable;
  readonly output: Readable;
  /** Resolves with how the process ended when it has, and all it said was read. */
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  #log = '';
  #begun = false;
  #gone = false;

  constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    // The timer signal is ignored until the kernel takes it: before that it would end the process. The empty line says that it is.
    const child = spawn('/bin/sh', ['-c', `trap '' ALRM; echo >&2; exec "$@"`, 'sh', ...command], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: environment,
    });
    this.#child = child;
    this.input = child.stdin;
    this.output = child.stdout;
    child.stderr.on('data', (chunk: Buffer) => {
      this.#begun = true;
      this.#log = (this.#log + chunk.toString('latin1')).slice(-LOG_LIMIT);
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => {
        // The kernel has helper processes that may survive it; they hold the other ends of our pipes.
        this.kill();
        this.#gone = true;
        alive.delete(this);
        const how = signal === null ? `exit status ${code ?? 'unknown'}` : `signal ${signal}`;
        child.once('close', () => resolve(how));
      });
    });
    alive.add(this);
  }

  /** What the guest's kernel said of its end, as one line: why it panicked, or else its last lines. */
  lastWords(): string {
    const lines = this.#log.split('\n').map((line) => line.trim());
    const panic = lines.find((line) => line.includes('Kernel panic'));
    return (
      panic ??
      (lines
        .filter((line) => line !== '')
        .slice(-3)
        .join(' | ') ||
        'it said nothing')
    );
  }

  /**
   * Has the guest's timer interrupt happen now instead of when the guest has asked the host for it: SIGALRM is that interrupt
   * (arch/um/os-Linux/signal.c:timer_alarm_handler).
   */
  interruptTimer(): void {
    if (this.#begun) this.#signal(this.#child.pid, 'SIGALRM');
  }

  /** Ends the process and all its helpers at once. */
  kill(): void {
    this.#signal(this.#child.pid === undefined ? undefined : -this.#child.pid, 'SIGKILL');
  }

  /** Ends the process and resolves when it has gone. */
  async stop(): Promise<void> {
    this.kill();
    await this.ended;
  }

  #signal(pid: number | undefined, signal: NodeJS.Signals): void {
    if (this.#gone || pid === undefined) return;
    try {
      process.kill(pid, signal);
    } catch {
      // It has just ended.
    }
  }
}
