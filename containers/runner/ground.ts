import { release } from 'node:os';
import { join } from 'node:path';
import type { KernelInstallation } from '../../conformance/targets/kernel/installation.ts';
import { obtainKernel } from '../../conformance/targets/kernel/obtain-kernel.ts';
import { UnsupportedFeature } from '../../reference/errors.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { keepalivedKind } from '../directors/keepalived-kind.ts';
import { kernelKind } from '../directors/kernel-kind.ts';
import { referenceKind } from '../directors/reference-kind.ts';
import { ContainerRun } from '../engine/container-run.ts';
import { hostKernelHas } from '../lab/host-kernel-has.ts';
import { guestKernel, hostKernel, type MachineKernel } from '../lab/machine-kernel.ts';
import { writeCertificate } from '../services/certificate.ts';
import { writeContents } from '../services/content.ts';
import type { KernelNeed } from '../topologies/topology.ts';

/** What labs stand on: an engine with our image, kernels, and what servers serve. */
export class Ground {
  readonly run: ContainerRun;
  /** Folder of what servers serve. */
  readonly content: string;
  readonly kinds: readonly DirectorKind[];
  readonly #hostHas: ReadonlySet<KernelNeed>;
  readonly #installation: KernelInstallation | null;

  private constructor(
    run: ContainerRun,
    content: string,
    hostHas: ReadonlySet<KernelNeed>,
    installation: KernelInstallation | null,
  ) {
    this.run = run;
    this.content = content;
    this.#hostHas = hostHas;
    this.#installation = installation;
    const isHosts = hostHas.has('ipvs') || installation === null;
    const version = isHosts ? release() : installation.version;
    this.kinds = [referenceKind, kernelKind(version, isHosts), keepalivedKind(version, isHosts)];
  }

  /** @throws UnsupportedFeature in a line what is lacking, and the mend */
  static async prepare(say: (line: string) => void, signal: AbortSignal): Promise<Ground> {
    const run = await ContainerRun.begin(say, signal);
    try {
      const content = join(run.folder, 'content');
      writeContents(content);
      const [hostHas] = await Promise.all([hostKernelHas(run), writeCertificate(run, content)]);
      const isWhole = (['ipvs', 'ipip', 'sctp'] as const).every((need) => hostHas.has(need));
      const installation = isWhole ? null : await obtainKernel(say);
      signal.throwIfAborted();
      return new Ground(run, content, hostHas, installation);
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  /** The host's kernel where it has all that is needed. */
  readonly kernelFor = (needs: readonly KernelNeed[]): MachineKernel => {
    if (needs.every((need) => this.#hostHas.has(need))) return hostKernel;
    if (this.#installation === null) throw new UnsupportedFeature(`no kernel here has ${needs.join(', ')}`);
    return guestKernel(this.#installation, needs);
  };
}
