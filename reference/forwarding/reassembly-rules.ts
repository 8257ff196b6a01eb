import { readIpv6 } from '../wire/ipv6-address.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { isLinkLocal6, isMulticast6 } from './ipv6-scope.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import { PartialDatagram } from './partial-datagram.ts';
import { PartialIpv6Datagram } from './partial-ipv6-datagram.ts';
import type { ReassemblyRules } from './reassembly.ts';

type Expired = ReassemblyRules['expired'];

/** RFC 791 §3.2: fragments of one datagram have addresses, protocol and identification in common (`net.ipv4.ipfrag_time`: 30 s). */
export const ipv4ReassemblyRules = (expired: Expired): ReassemblyRules => ({
  timeout: 30_000,
  keyOf: ({ source, destination, id, protocol }) => [source, destination, id, protocol].join(),
  begin: () => new PartialDatagram(),
  expired,
});

/** RFC 8200 §4.5: addresses and identification; 60 s. A link-local destination is another one on each wire. */
export const ipv6ReassemblyRules = (expired: Expired): ReassemblyRules => ({
  timeout: 60_000,
  keyOf: (fragment) => [fragment.source, fragment.destination, fragment.id, wireOf(fragment)].join(),
  begin: () => new PartialIpv6Datagram(),
  expired,
});

function wireOf({ view, start, port }: PacketBuffer): number {
  const destination = readIpv6(view, start + IPV6.destination);
  return isLinkLocal6(destination) || isMulticast6(destination) ? port : -1;
}
