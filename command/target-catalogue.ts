import { PROFILES, type Profile } from '../reference/profile.ts';
import { MalformedInput } from '../reference/errors.ts';
import { ReferenceTarget } from '../conformance/targets/reference/reference-target.ts';
import type { Target } from '../conformance/targets/target.ts';

/** A target that this project knows, whether or not it can run here. */
export interface CatalogueEntry {
  readonly id: string;
  readonly description: string;
  /** Null where it can run; else what is missing and the command that mends it. */
  readonly mend: string | null;
}

export interface Choice {
  readonly profile: Profile;
  /** Told what takes long, a line each. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Every known target, the reference first. */
export async function catalogue(): Promise<readonly CatalogueEntry[]> {
  return Promise.resolve([{ id: 'reference', description: 'the reference director of this project', mend: null }]);
}

/** The targets with these ids; without ids the reference and the newest kernel that can be had. Throws MalformedInput. */
export async function chooseTargets(ids: readonly string[] | undefined, choice: Choice): Promise<readonly Target[]> {
  const known = await catalogue();
  return Array.from(new Set(ids ?? ['reference']), (id) => {
    if (!known.some((entry) => entry.id === id)) {
      throw new MalformedInput(`unknown target '${id}'; there are ${known.map((entry) => entry.id).join(', ')}`);
    }
    return createReference(choice.profile);
  });
}

export function createReference(profile: Profile): Target {
  return new ReferenceTarget({ profile });
}

export function profileOf(id: string | undefined): Profile {
  const known: Readonly<Record<string, Profile>> = PROFILES;
  const profile = id === undefined ? PROFILES.linux : Object.hasOwn(known, id) ? known[id] : undefined;
  if (profile === undefined) {
    throw new MalformedInput(`--profile ${String(id)}: unknown; there are ${Object.keys(PROFILES).join(', ')}`);
  }
  return profile;
}
