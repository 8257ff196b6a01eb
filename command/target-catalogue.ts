import { findKernel, hostProblem } from '../conformance/targets/kernel/find-kernel.ts';
import { KernelTarget } from '../conformance/targets/kernel/kernel-target.ts';
import { obtainKernel } from '../conformance/targets/kernel/obtain-kernel.ts';
import { SUITES, type Suite } from '../conformance/targets/kernel/suites.ts';
import { ReferenceTarget } from '../conformance/targets/reference/reference-target.ts';
import type { Target } from '../conformance/targets/target.ts';
import { MalformedInput, UnsupportedFeature } from '../reference/errors.ts';
import { linuxProfile } from '../reference/linux-profile.ts';
import { PROFILES, type Profile } from '../reference/profile.ts';

/** A target that this project knows, whether or not it can run here. */
export interface CatalogueEntry {
  readonly id: string;
  readonly description: string;
  /** Null where it can run; else what is missing and the command that mends it. */
  readonly mend: string | null;
}

export interface Choice {
  /** The reference's. Undefined: that of the first other target, or Linux's. */
  readonly profile: Profile | undefined;
  /** Told what takes long, a line each. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const REFERENCE = 'reference';
/** The newest kernel that is installed or can be had from the machine's own suite. */
const ANY_KERNEL = 'kernel';

/** Every known target, the reference first, then the kernel of a run without names, then those of other suites. Downloads nothing. */
export function catalogue(): readonly CatalogueEntry[] {
  const found = findKernel();
  const reference = new ReferenceTarget({ profile: PROFILES.linux });
  const entries = [
    { id: reference.id, description: reference.description, mend: null },
    'why' in found
      ? { id: ANY_KERNEL, description: 'Linux IPVS under User Mode Linux', mend: found.why }
      : { ...describe(new KernelTarget(found)), mend: null },
    ...(hostProblem() === null ? SUITES.map(kernelOfSuite) : []),
  ];
  return entries.filter(({ id }, index) => entries.findIndex((other) => other.id === id) === index);
}

function kernelOfSuite({ name, series }: Suite): CatalogueEntry {
  const found = findKernel(series);
  return 'why' in found
    ? {
        id: `kernel-${series}`,
        description: `Linux ${series} IPVS (User Mode Linux of Debian ${name})`,
        mend: found.why,
      }
    : { ...describe(new KernelTarget(found)), mend: null };
}

function describe({ id, description }: Target): Pick<Target, 'id' | 'description'> {
  return { id, description };
}

/**
 * The targets with these ids, each once; without ids the reference and the newest kernel that can be had, or the reference alone.
 * Throws MalformedInput for an unknown id, UnsupportedFeature for a target that cannot be had.
 */
export async function chooseTargets(ids: readonly string[] | undefined, choice: Choice): Promise<readonly Target[]> {
  if (ids === undefined) {
    const kernels = await kernelIfAny(choice);
    return [referenceFor(kernels, choice), ...kernels];
  }
  const others = new Map<string, Target>();
  for (const id of ids) {
    if (id === REFERENCE) continue;
    const kernel = await createKernel(id, choice);
    others.set(id, Array.from(others.values()).find((other) => other.id === kernel.id) ?? kernel);
  }
  const reference = referenceFor(Array.from(others.values()), choice);
  return Array.from(new Set(ids.map((id) => others.get(id) ?? reference)));
}

/** The reference goes by the profile of what is measured beside it, unless the user chose another. */
function referenceFor([first]: readonly Target[], { profile }: Choice): Target {
  return createReference(profile ?? first?.profile ?? PROFILES.linux);
}

export function createReference(profile: Profile): Target {
  return new ReferenceTarget({ profile });
}

async function createKernel(id: string, choice: Choice): Promise<Target> {
  const series = /^kernel-(\d+\.\d+)$/.exec(id)?.[1] ?? null;
  if (id !== ANY_KERNEL && series === null) {
    throw new MalformedInput(`unknown target '${id}'; there are ${known()}`);
  }
  return obtain(choice, series);
}

function known(): string {
  const ids = catalogue().map(({ id }) => id);
  return Array.from(new Set([...ids, ANY_KERNEL])).join(', ');
}

async function kernelIfAny(choice: Choice): Promise<readonly Target[]> {
  try {
    return [await obtain(choice, null)];
  } catch (error) {
    if (!(error instanceof UnsupportedFeature)) {
      throw error;
    }
    choice.say(`the reference alone, no kernel: ${error.message}`);
    return [];
  }
}

async function obtain({ say, signal }: Choice, series: string | null): Promise<Target> {
  try {
    return new KernelTarget(await obtainKernel((line) => say(`kernel: ${line}`), series));
  } finally {
    // Ctrl-C ends the download as well: that is no missing kernel.
    signal.throwIfAborted();
  }
}

/** `paper`, `linux`, or `linux-VERSION`; undefined for undefined. Throws MalformedInput for anything else. */
export function profileOf(id: string | undefined): Profile | undefined {
  switch (id) {
    case undefined:
      return undefined;
    case 'paper':
    case 'linux':
      return PROFILES[id];
    default: {
      const [, version] = /^linux-(\d+\.\d+(?:\.\d+)?)$/.exec(id) ?? [];
      if (version === undefined) {
        throw new MalformedInput(
          `--profile ${id}: unknown; there are paper, linux, and linux-6.12.113 or any other version`,
        );
      }
      return linuxProfile(version);
    }
  }
}
