import type { ForwardingMethod } from '../../reference/administration/command.ts';

/** The papers' names, in their order. */
export const METHOD_NAMES = { nat: 'VS/NAT', tunnel: 'VS/TUN', 'direct-route': 'VS/DR' } as const satisfies Record<
  ForwardingMethod,
  string
>;

export const METHODS = Object.keys(METHOD_NAMES) as readonly ForwardingMethod[];
