import type { LabDirector } from '../lab/director.ts';
import type { HealthChecks } from '../lab/health-checks.ts';
import type { Shell } from '../lab/shell.ts';
import type { Topology } from '../topologies/topology.ts';
import type { DirectorMachine } from './director-kind.ts';
import { keepalivedConf } from './keepalived-conf.ts';
import { KernelDirector } from './kernel-director.ts';
import { ruleLines } from './rule-lines.ts';

const FILES = { conf: '/run/keepalived.conf', log: '/run/keepalived.log', pid: '/run/keepalived.pid' } as const;

/** Seconds until servers that are well are found to be: with `alpha` they are not before the first check. */
const SECONDS_TO_BEGIN = 15;

/** The kernel's IPVS, configured by keepalived, which asks the servers how they are. */
export class KeepalivedDirector implements LabDirector {
  readonly #kernel: KernelDirector;
  readonly #shell: Shell;
  #rules: readonly string[] = [];
  #checks: HealthChecks = {};

  private constructor(kernel: KernelDirector, shell: Shell) {
    this.#kernel = kernel;
    this.#shell = shell;
  }

  static async start(machine: DirectorMachine, topology: Topology): Promise<KeepalivedDirector> {
    return new KeepalivedDirector(await KernelDirector.start(machine, topology), machine.shell);
  }

  /** Resolves when all servers of the rules are found to be well. */
  async configure(rules: string): Promise<void> {
    await this.#stop();
    this.#rules = ruleLines(rules);
    this.#checks = {};
    await this.#start();
    const servers = this.#rules.filter((rule) => rule.startsWith('-a')).length;
    await this.#shell.must(`until [ "$(ipvsadm -S -n | grep -c -e '^-a')" -ge ${servers} ]; do sleep 0.1; done`, {
      timeoutSeconds: SECONDS_TO_BEGIN,
    });
  }

  async clear(): Promise<void> {
    await this.#stop();
    await this.#kernel.clear();
  }

  /** By hand: keepalived does not know of it. */
  administer(commands: readonly string[]): Promise<void> {
    return this.#kernel.administer(commands);
  }

  async checkHealth(checks: HealthChecks): Promise<void> {
    this.#checks = checks;
    const reloads = `grep -c 'Reload complete' ${FILES.log}`;
    await this.#shell.must(
      [
        this.#writeConf(),
        `before=$(${reloads}); kill -HUP "$(cat ${FILES.pid})"`,
        `until [ "$(${reloads})" -gt "$before" ]; do sleep 0.05; done`,
      ].join('\n'),
    );
  }

  setSysctl(name: string, value: string): Promise<void> {
    return this.#kernel.setSysctl(name, value);
  }

  listing(): Promise<string> {
    return this.#kernel.listing();
  }

  statistics(): Promise<string> {
    return this.#kernel.statistics();
  }

  /** Resolves when keepalived has begun to ask the servers. */
  async restart(): Promise<void> {
    await this.#kernel.reboot();
    await this.#start();
  }

  processorSeconds(): Promise<number> {
    return this.#kernel.processorSeconds();
  }

  async #start(): Promise<void> {
    await this.#shell.must(
      [
        this.#writeConf(),
        `setsid keepalived --check --use-file ${FILES.conf} --log-console --log-detail --dont-fork >${FILES.log} 2>&1 & pid=$!`,
        `until grep -q 'Startup complete' ${FILES.log}; do [ -e /proc/$pid ] || { tail -n 3 ${FILES.log} >&2; exit 1; }; sleep 0.05; done`,
      ].join('\n'),
    );
  }

  /** With it go all services that it brought. */
  async #stop(): Promise<void> {
    await this.#shell.must(
      `[ ! -e ${FILES.pid} ] || kill "$(cat ${FILES.pid})"; while [ -e ${FILES.pid} ]; do sleep 0.05; done`,
    );
  }

  #writeConf(): string {
    return `cat >${FILES.conf} <<'END'\n${keepalivedConf(this.#rules, this.#checks)}END`;
  }
}
