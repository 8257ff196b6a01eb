import { EXIT_STATUS, explainError } from '../explain-error.ts';
import { Interrupted } from '../interrupted.ts';
import type { Terminal } from '../terminal.ts';
import type { Driver } from './driver.ts';
import type { FrameLink, Host } from './host.ts';
import type { LiveRules } from './live-rules.ts';

/** Milliseconds between two looks at whether the last connection has ended. */
const DRAIN_INTERVAL = 250;
/** Milliseconds that what is not active may still need: the last segments of a closing connection, an answer by UDP. */
const LINGER = 2000;

/** Connections that are in use, as listings count them (ip_vs_proto_tcp.c:tcp_state_active_table). */
const ACTIVE: ReadonlySet<string> = new Set(['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK']);
/** Connections that are over. */
const OVER: ReadonlySet<string> = new Set(['TIME_WAIT', 'CLOSE']);

export interface ServiceOptions {
  readonly host: Host;
  readonly driver: Driver;
  readonly links: readonly FrameLink[];
  readonly rules: LiveRules;
  readonly terminal: Terminal;
  /** Milliseconds that connections have to end by themselves after the first signal to end. */
  readonly drain: number;
}

/** A running director as its user deals with it: by signals. */
export class Service {
  readonly #options: ServiceOptions;
  /** The instant of the host's clock at which it ends at the latest. */
  #deadline = Infinity;
  /** The last instant at which a connection was active. */
  #lastActive = 0;
  /** The next instant to look at the connections: there may be very many. */
  #nextLook = 0;
  #interrupted: Interrupted | undefined;

  constructor(options: ServiceOptions) {
    this.#options = options;
  }

  /** Resolves to the exit status. */
  async run(): Promise<number> {
    const { host, driver } = this.#options;
    const on = { SIGHUP: this.#reload, SIGUSR1: this.#list, SIGTERM: this.#end, SIGINT: this.#end };
    const listeners = Object.entries(on).map(([signal, action]) => {
      const listener = (): void => {
        driver.catchUp();
        action.call(this, signal as 'SIGTERM' | 'SIGINT');
        host.wake();
      };
      process.on(signal, listener);
      return (): void => void process.off(signal, listener);
    });
    try {
      while (!this.#isOver()) {
        await driver.step(this.#isDraining ? Math.min(this.#deadline, this.#nextLook) : Infinity);
      }
    } finally {
      for (const remove of listeners) remove();
    }
    return this.#interrupted?.status ?? EXIT_STATUS.ok;
  }

  get #isDraining(): boolean {
    return this.#deadline !== Infinity;
  }

  #isOver(): boolean {
    if (this.#interrupted !== undefined) return true;
    if (!this.#isDraining) return false;
    const now = this.#options.host.now();
    if (now >= this.#deadline) return true;
    if (now < this.#nextLook) return false;
    this.#nextLook = now + DRAIN_INTERVAL;
    const states = new Set(Array.from(this.#options.driver.director.connections(), ({ state }) => state));
    if ([...states].some((state) => ACTIVE.has(state))) this.#lastActive = now;
    const allOver = [...states].every((state) => OVER.has(state));
    return allOver || now >= this.#lastActive + LINGER;
  }

  /** The rules file is read again. A wrong one changes nothing. */
  #reload(): void {
    const { rules, driver } = this.#options;
    if (this.#isDraining) {
      this.#say('the rules are not read again: the director is about to end');
      return;
    }
    try {
      const before = new Set(rules.virtualAddresses);
      const changes = rules.adopt(driver.director, rules.read());
      driver.announce(rules.virtualAddresses.filter((address) => !before.has(address)));
      this.#say(`${changes} changes: ${rules.summary}`);
    } catch (error) {
      this.#say(`${explainError(error).line}; the rules stay as they were`);
    }
  }

  #end(signal: 'SIGTERM' | 'SIGINT'): void {
    if (this.#isDraining) {
      this.#interrupted = new Interrupted(signal);
      return;
    }
    const { host, driver, rules, drain } = this.#options;
    rules.quiesce(driver.director);
    this.#deadline = host.now() + drain;
    this.#lastActive = host.now();
    if (!this.#isOver()) this.#say(`connections have ${drain / 1000} s to end; ${signal} again ends at once`);
  }

  #list(): void {
    const { driver, links, terminal } = this.#options;
    terminal.out(driver.director.query('-L -n'));
    terminal.out(driver.director.query('-L -n --stats'));
    for (const { name, counters } of links) {
      const { received, sent, notReceived, notSent } = counters;
      terminal.out(`${name}: ${received} frames in, ${sent} out; lost ${notReceived} in, ${notSent} out\n`);
    }
  }

  #say(line: string): void {
    this.#options.terminal.err(`${line}\n`);
  }
}
