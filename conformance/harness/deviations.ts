import { InternalFault } from '../../reference/errors.ts';

/** A documented departure from what a paper or RFC demands: met by a director, the verdict is `deviates`, not `fail`. */
export interface Deviation {
  readonly title: string;
  /** Why the departing directors do it. */
  readonly reason: string;
  /** Citations or links. */
  readonly source: readonly string[];
}

/** Every departure the suite knows, by the id that matchers and `lab.equal` name. */
export const DEVIATIONS: Readonly<Record<string, Deviation>> = {
  'ttl-decremented': {
    title: 'VS/TUN and VS/DR decrement the TTL of the forwarded packet',
    reason:
      'The paper forwards the packet unchanged; Linux treats the director as a router in every method (RFC 1812 §5.3.1), so that forwarding loops end.',
    source: [
      'paper P22, P29',
      'ip_vs_xmit.c:decrement_ttl',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_xmit.c',
    ],
  },
  'fin-wait-two-minutes': {
    title: 'FIN_WAIT lasts two minutes',
    reason:
      'The paper gives a closing connection one minute; Linux keeps it twice the maximum segment lifetime of one minute.',
    source: [
      'paper P15',
      'ip_vs_proto_tcp.c:tcp_timeouts',
      'https://github.com/torvalds/linux/blob/v6.1/net/netfilter/ipvs/ip_vs_proto_tcp.c',
    ],
  },
};

/** @throws InternalFault when a case names a deviation that nobody documented. */
export function deviation(id: string): Deviation {
  const found = DEVIATIONS[id];
  if (found === undefined)
    throw new InternalFault(
      `deviation '${id}' is not documented: add it to DEVIATIONS in conformance/harness/deviations.ts`,
    );
  return found;
}
