import { settingPath } from '../../conformance/targets/kernel/setting-path.ts';
import { UnsupportedFeature } from '../../reference/errors.ts';
import type { LabDirector } from '../lab/director.ts';
import { machineSetup, writeSysctl } from '../lab/machine-setup.ts';
import type { Topology } from '../topologies/topology.ts';
import type { DirectorMachine } from './director-kind.ts';
import { processorSeconds } from './processor-seconds.ts';
import { ruleLines } from './rule-lines.ts';

/** What `-C` leaves as it is: timeouts of TCP, of TCP after a FIN, and of UDP, as a kernel has them at first. */
const DEFAULT_TIMEOUTS = '--set 900 120 300';

/** A director routes, and tells nobody of shorter ways. */
const ROUTER: Readonly<Record<string, string>> = {
  ip_forward: '1',
  'ipv6.conf.all.forwarding': '1',
  'conf.all.send_redirects': '0',
};

/** The kernel's IPVS, by `ipvsadm`: the host's, or that of a user-mode kernel. */
export class KernelDirector implements LabDirector {
  readonly #machine: DirectorMachine;
  readonly #topology: Topology;
  readonly #sysctls = new Map<string, string>();
  /** Settings as they were before a scenario changed them. */
  readonly #before = new Map<string, string>();

  private constructor(machine: DirectorMachine, topology: Topology) {
    this.#machine = machine;
    this.#topology = topology;
  }

  static async start(machine: DirectorMachine, topology: Topology): Promise<KernelDirector> {
    const director = new KernelDirector(machine, topology);
    await director.#setUp('');
    return director;
  }

  async configure(rules: string): Promise<void> {
    await this.#restore(['-C', DEFAULT_TIMEOUTS, ...ruleLines(rules)]);
  }

  async clear(): Promise<void> {
    await this.configure('');
    const before = [...this.#before];
    this.#before.clear();
    this.#sysctls.clear();
    if (before.length > 0) await this.#machine.shell.must(before.map(writeSysctl).join('\n'));
  }

  administer(commands: readonly string[]): Promise<void> {
    return this.#restore(commands);
  }

  async setSysctl(name: string, value: string): Promise<void> {
    const before = await this.#machine.shell.must(`cat ${settingPath(name)}; ${writeSysctl([name, value])}`);
    if (!this.#before.has(name)) this.#before.set(name, before.trim());
    this.#sysctls.set(name, value);
  }

  listing(): Promise<string> {
    return this.#machine.shell.must('ipvsadm -L -n');
  }

  statistics(): Promise<string> {
    return this.#machine.shell.must('ipvsadm -L -n --stats');
  }

  async restart(): Promise<void> {
    await this.#startAnew(await this.#machine.shell.must('ipvsadm -S -n'));
  }

  /** As {@link restart}, but without rules. */
  async reboot(): Promise<void> {
    await this.#startAnew('');
  }

  processorSeconds(): Promise<number> {
    return processorSeconds(this.#machine.container);
  }

  async #startAnew(rules: string): Promise<void> {
    const { reboot } = this.#machine;
    if (reboot === undefined) throw new UnsupportedFeature("the host's own kernel is not started anew for a test");
    await reboot();
    await this.#setUp(rules);
  }

  /** Virtual addresses come last: what arrives for them before the rules are there would be answered with a reset. */
  async #setUp(rules: string): Promise<void> {
    const { declaration, shell } = this.#machine;
    const { virtualAddress, virtualAddress6 } = this.#topology;
    const setUp = [...machineSetup(this.#topology, declaration), ...[...this.#sysctls].map(writeSysctl)];
    await shell.must(['set -e', ...setUp].join('\n'));
    await this.configure(rules);
    await shell.must(
      [
        'set -e',
        `ip address add ${virtualAddress}/32 dev lo`,
        // Neighbour discovery is about the addresses of an interface (RFC 4861 §7.2.3). Deprecated, it is no tunnel's source.
        ...declaration.interfaces.map(
          ({ name }) => `ip address add ${virtualAddress6}/128 dev ${name} nodad preferred_lft 0`,
        ),
        ...Object.entries(ROUTER).map(writeSysctl),
        ...declaration.interfaces.map(({ name }) => writeSysctl([`conf.${name}.send_redirects`, '0'])),
      ].join('\n'),
    );
  }

  /** What ipvsadm refuses it says, but often with status 0. */
  async #restore(commands: readonly string[]): Promise<void> {
    await this.#machine.shell.must(
      `said=$(ipvsadm -R 2>&1 <<'END'\n${commands.map((line) => `${line}\n`).join('')}END\n)\n[ -z "$said" ] || { echo "$said" >&2; exit 1; }`,
    );
  }
}
