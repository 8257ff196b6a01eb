import { Director } from '../../reference/director.ts';
import type { Environment } from '../../reference/environment.ts';
import { PROFILES } from '../../reference/profile.ts';
import type { LabDirector } from '../lab/director.ts';
import { bareInterfaces } from '../lab/machine-setup.ts';
import { PROJECT_IN_CONTAINER } from '../lab/project-root.ts';
import type { Topology } from '../topologies/topology.ts';
import type { DirectorMachine } from './director-kind.ts';
import { environmentOf } from './environment-of.ts';
import { processorSeconds } from './processor-seconds.ts';
import { ruleLines } from './rule-lines.ts';

const PROGRAM = `${PROJECT_IN_CONTAINER}/dist/containers/directors/run-director.js`;

/** The files of the program, in the machine's `/run`. */
const FILES = {
  rules: 'rules.txt',
  environment: 'environment.json',
  said: 'director.log',
  listed: 'director.out',
} as const;

/** `lvs-conformance director` on the machine's interfaces. It is the host there: the machine's own kernel has no address. */
export class ReferenceDirector implements LabDirector {
  readonly #machine: DirectorMachine;
  readonly #topology: Topology;
  #sysctls: Readonly<Record<string, string>> = {};
  /** Has the rules that the program is to have: it says what they are after a change. */
  #rules: Director;

  private constructor(machine: DirectorMachine, topology: Topology) {
    this.#machine = machine;
    this.#topology = topology;
    this.#rules = withoutFrames(environmentOf(topology));
  }

  static async start(machine: DirectorMachine, topology: Topology): Promise<ReferenceDirector> {
    const director = new ReferenceDirector(machine, topology);
    await machine.shell.must(['set -e', ...bareInterfaces(machine.declaration)].join('\n'));
    await director.#start();
    return director;
  }

  async configure(rules: string): Promise<void> {
    this.#rules = withoutFrames(environmentOf(this.#topology));
    await this.administer(ruleLines(rules));
  }

  async clear(): Promise<void> {
    await this.configure('');
    if (Object.keys(this.#sysctls).length === 0) return;
    this.#sysctls = {};
    await this.restart();
  }

  async administer(commands: readonly string[]): Promise<void> {
    for (const command of commands) this.#rules.administer(command);
    await this.#machine.shell.must(
      [
        this.#writeRules(),
        'cd /run',
        `before=$(wc -l <${FILES.said}); pid=$(cat director.pid); kill -HUP "$pid" || { tail -n 1 ${FILES.said} >&2; exit 1; }`,
        `until [ "$(wc -l <${FILES.said})" -gt "$before" ]; do kill -0 "$pid" || exit 1; sleep 0.02; done`,
        `tail -n +$((before + 1)) ${FILES.said} | grep -q ' changes: ' || { tail -n 1 ${FILES.said} >&2; exit 1; }`,
      ].join('\n'),
    );
  }

  /** The program takes settings at its start only. */
  async setSysctl(name: string, value: string): Promise<void> {
    this.#sysctls = { ...this.#sysctls, [name]: value };
    await this.restart();
  }

  async listing(): Promise<string> {
    const [services = ''] = await this.#tables();
    return services;
  }

  async statistics(): Promise<string> {
    const [, statistics = ''] = await this.#tables();
    return statistics;
  }

  async restart(): Promise<void> {
    await this.#machine.shell.must('cd /run; kill -KILL "$(cat director.pid)"');
    await this.#start();
  }

  processorSeconds(): Promise<number> {
    return processorSeconds(this.#machine.container);
  }

  async #start(): Promise<void> {
    const environment = environmentOf(this.#topology, this.#sysctls);
    const interfaces = environment.ports.map(({ name }) => `--interface ${name}`).join(' ');
    await this.#machine.shell.must(
      [
        this.#writeRules(),
        `cat >/run/${FILES.environment} <<'END'\n${JSON.stringify(environment)}\nEND`,
        'cd /run',
        `setsid node ${PROGRAM} director --rules ${FILES.rules} --environment ${FILES.environment} ${interfaces} >>${FILES.listed} 2>${FILES.said} & pid=$!`,
        'echo $pid >director.pid',
        `until grep -q 'SIGTERM ends' ${FILES.said}; do ! grep -qs '^State:.Z' /proc/$pid/status && [ -e /proc/$pid ] || { cat ${FILES.said} >&2; exit 1; }; sleep 0.02; done`,
      ].join('\n'),
    );
  }

  /** What the program says when it is asked to list: services and servers, then their statistics, then the interfaces. */
  async #tables(): Promise<string[]> {
    const listed = await this.#machine.shell.must(
      [
        `cd /run; : >${FILES.listed}; kill -USR1 "$(cat director.pid)"`,
        `until grep -q 'frames in' ${FILES.listed}; do sleep 0.02; done`,
        `cat ${FILES.listed}`,
      ].join('\n'),
    );
    return listed.split(/^(?=IP Virtual Server)/m);
  }

  /** The timeouts are none of what `-S` says. */
  #writeRules(): string {
    const timeouts = this.#rules.query('-L --timeout').replace(/^.*: /, '--set ');
    return `cat >/run/${FILES.rules} <<'END'\n${timeouts}${this.#rules.query('-S -n')}END`;
  }
}

function withoutFrames(environment: Environment): Director {
  return new Director({ environment, profile: PROFILES.linux, transmit: () => undefined });
}
