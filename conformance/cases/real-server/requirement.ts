import type { ServerMethod, ServerSetup } from '../../../generators/real-server/server-setup.ts';
import type { ServerCase } from '../../harness/server-case.ts';

/** One behaviour asked of every set-up, or of every one for a forwarding method. With a set-up it is a case. */
export interface Requirement extends Omit<ServerCase, 'id' | 'setup'> {
  /** End of the case's id, behind the set-up's. */
  readonly name: string;
  /** Asked of set-ups for one of these methods. */
  readonly methods: readonly ServerMethod[];
}

/** The method as the papers call it. */
export const METHOD_NAMES: Readonly<Record<ServerMethod, string>> = {
  nat: 'VS/NAT',
  'direct-route': 'VS/DR',
  tunnel: 'VS/TUN',
};

/** Where the papers say that the server takes what is forwarded, and how it answers. */
export const TAKES: Readonly<Record<ServerMethod, string>> = {
  nat: 'paper P11, P19',
  'direct-route': 'paper P32',
  tunnel: 'paper P24',
};
export const ANSWERS: Readonly<Record<ServerMethod, string>> = {
  nat: 'paper P10, P13',
  'direct-route': 'paper P32',
  tunnel: 'paper P25',
};

/** A requirement for each method. */
export function ofEachMethod(
  make: (method: ServerMethod, name: string) => Omit<Requirement, 'methods'>,
): Requirement[] {
  return (['nat', 'direct-route', 'tunnel'] as const).map((method) => ({
    ...make(method, METHOD_NAMES[method]),
    methods: [method],
  }));
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
