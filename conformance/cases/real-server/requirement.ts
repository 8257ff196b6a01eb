import type { ServerMethod, ServerSetup } from '../../../generators/real-server/server-setup.ts';
import type { ServerCase } from '../../harness/server-case.ts';

/** One behaviour asked of every set-up, or of every one for a forwarding method. With a set-up it is a case. */
export interface Requirement extends Omit<ServerCase, 'id' | 'setup'> {
  /** End of the case's id, behind the set-up's. */
  readonly name: string;
  /** Asked only of set-ups for this method. */
  readonly method?: ServerMethod;
}

/** The method as the papers call it. */
export const METHOD_NAMES: Readonly<Record<ServerMethod, string>> = { 'direct-route': 'VS/DR', tunnel: 'VS/TUN' };

/** A requirement for each method. */
export function ofEachMethod(make: (method: ServerMethod, name: string) => Omit<Requirement, 'method'>): Requirement[] {
  return (['direct-route', 'tunnel'] as const).map((method) => ({ ...make(method, METHOD_NAMES[method]), method }));
}

/** The case that asks this of a set-up. */
export function caseFor(requirement: Requirement, setup: ServerSetup): ServerCase {
  const { name, title, requirement: sentence, source, level, tags } = requirement;
  return {
    id: `real-server/${setup.id}-${name}`,
    title: `${title} (${setup.title})`,
    requirement: sentence,
    source,
    level,
    tags,
    setup,
    script: (lab) => requirement.script(lab),
  };
}
