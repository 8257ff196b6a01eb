import { findKernel } from '../conformance/targets/kernel/find-kernel.ts';
import { obtainKernel } from '../conformance/targets/kernel/obtain-kernel.ts';
import { ServerKernelTarget } from '../conformance/targets/kernel/server-kernel-target.ts';
import { ModelServerTarget } from '../conformance/targets/reference/model-server-target.ts';
import type { ServerTarget } from '../conformance/targets/server-target.ts';
import { MalformedInput, UnsupportedFeature } from '../reference/errors.ts';
import type { CatalogueEntry, Choice } from './target-catalogue.ts';

/** What the ids of machines for real servers begin with; all other targets are directors. */
const PREFIX = 'server-';
/** The newest kernel that is installed or can be had from the machine's own suite. */
const ANY_KERNEL = `${PREFIX}kernel`;

export function isServerId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** Every machine that can be arranged as a real server, the model first. Downloads nothing. */
export function serverCatalogue(): readonly CatalogueEntry[] {
  const model = new ModelServerTarget();
  const found = findKernel();
  const kernel = 'why' in found ? null : new ServerKernelTarget(found);
  return [
    { id: model.id, description: model.description, mend: null },
    {
      id: kernel?.id ?? ANY_KERNEL,
      description: kernel?.description ?? 'Linux as a real server (User Mode Linux)',
      mend: 'why' in found ? found.why : null,
    },
  ];
}

/**
 * The machines with these ids, each once; without ids the model and the newest kernel that can be had, or the model alone.
 * Throws MalformedInput for an unknown id, UnsupportedFeature for a kernel that cannot be had.
 */
export async function chooseServers(
  ids: readonly string[] | undefined,
  choice: Pick<Choice, 'say' | 'signal'>,
): Promise<readonly ServerTarget[]> {
  const model = new ModelServerTarget();
  if (ids === undefined) return [model, ...(await kernelIfAny(choice))];
  const targets = new Map<string, ServerTarget>();
  for (const id of ids) {
    const target = id === model.id ? model : await kernelNamed(id, choice);
    targets.set(target.id, targets.get(target.id) ?? target);
  }
  return Array.from(targets.values());
}

async function kernelNamed(id: string, choice: Pick<Choice, 'say' | 'signal'>): Promise<ServerTarget> {
  const series = /^server-kernel-(\d+\.\d+)$/.exec(id)?.[1] ?? null;
  if (id !== ANY_KERNEL && series === null) {
    const known = Array.from(new Set([...serverCatalogue().map((entry) => entry.id), ANY_KERNEL]));
    throw new MalformedInput(`unknown target '${id}'; of real servers there are ${known.join(', ')}`);
  }
  return obtain(choice, series);
}

/** Why there is none, the directors' kernel has said. */
async function kernelIfAny(choice: Pick<Choice, 'say' | 'signal'>): Promise<readonly ServerTarget[]> {
  try {
    return [await obtain(choice, null)];
  } catch (error) {
    if (!(error instanceof UnsupportedFeature)) throw error;
    return [];
  }
}

async function obtain({ say, signal }: Pick<Choice, 'say' | 'signal'>, series: string | null): Promise<ServerTarget> {
  try {
    return new ServerKernelTarget(await obtainKernel((line) => say(`kernel: ${line}`), series));
  } finally {
    // Ctrl-C ends the download as well: that is no missing kernel.
    signal.throwIfAborted();
  }
}
