import { ARP_FIELDS } from './arp.ts';
import { ETHERNET_FIELDS } from './ethernet.ts';
import type { FieldRange } from './field.ts';
import { GRE_FIELDS } from './gre.ts';
import { GUE_FIELDS } from './gue.ts';
import { ICMP_FIELDS } from './icmp.ts';
import { ICMP6_FIELDS } from './icmpv6.ts';
import { IP_FIELDS } from './ipv4.ts';
import { FRAGMENT_FIELDS } from './ipv6-fragment.ts';
import { EXTENSION_FIELDS } from './ipv6-options.ts';
import { ROUTING_FIELDS } from './ipv6-routing.ts';
import { IP6_FIELDS } from './ipv6.ts';
import type { LayerKind } from './layer.ts';
import { NEIGHBOUR_FIELDS } from './neighbour-discovery.ts';
import { CHUNK_FIELDS } from './sctp-chunk.ts';
import { SCTP_FIELDS } from './sctp.ts';
import { TCP_FIELDS } from './tcp.ts';
import { UDP_FIELDS } from './udp.ts';

/** Where each field of a layer lies, counted from the layer's start; what reaches to the layer's end has the length Infinity. */
export const FIELD_RANGES: Readonly<Record<LayerKind, Readonly<Record<string, FieldRange>>>> = {
  ethernet: ETHERNET_FIELDS,
  arp: ARP_FIELDS,
  ip: IP_FIELDS,
  tcp: TCP_FIELDS,
  udp: UDP_FIELDS,
  sctp: SCTP_FIELDS,
  chunk: CHUNK_FIELDS,
  gre: GRE_FIELDS,
  gue: GUE_FIELDS,
  icmp: ICMP_FIELDS,
  ip6: IP6_FIELDS,
  hopByHop: EXTENSION_FIELDS,
  destinationOptions: EXTENSION_FIELDS,
  routing: ROUTING_FIELDS,
  fragment: FRAGMENT_FIELDS,
  icmp6: ICMP6_FIELDS,
  neighbour: NEIGHBOUR_FIELDS,
  payload: { data: { offset: 0, length: Infinity } },
};
