import { isMulticast } from '../../reference/ip-layer.ts';
import { parseIpv4 } from '../../reference/wire/address.ts';
import type { DissectedLayer, LayerKind } from '../../reference/wire/layer.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import { isAddressResolution } from './address-resolution.ts';
import { isMembershipReport } from './membership-report.ts';
import type { CapturedFrame } from './capture.ts';
import type { Dissected, GueTraffic } from './gue-traffic.ts';

/** Something in which two right directors may differ on the wire. Everything else must be the same, byte for byte. */
export type ToleratedDifference = {
  readonly id: string;
  readonly reason: string;
  readonly source: readonly string[];
} & (
  | {
      /** Whether the whole frame is left out of the comparison. */
      readonly leavesOut: (frame: CapturedFrame) => boolean;
    }
  | {
      /**
       * The headers of the frame whose number is not compared: the id of an IPv4 header and its share in the header checksum, the flow
       * label of an IPv6 header, the id of a fragment header.
       */
      readonly numbers: (
        frame: CapturedFrame,
        layers: readonly DissectedLayer[],
        traffic: GueTraffic,
      ) => readonly DissectedLayer[];
    }
  | {
      /** The UDP headers of the frame whose source port is not compared, nor the share that it has in a checksum. */
      readonly sourcePorts: (
        frame: CapturedFrame,
        layers: readonly DissectedLayer[],
        traffic: GueTraffic,
      ) => readonly Dissected<'udp'>[];
    }
);

/**
 * The whole list. A header whose number is not compared is compared as if it were zero, with the header checksum of
 * IPv4 moved along (RFC 1624): a checksum that is wrong still shows. No other checksum depends on an IPv4 id, for the
 * header and its checksum add up to zero; so an ICMP error that quotes the header has the same checksum whatever the id.
 */
export const TOLERATED_DIFFERENCES: readonly ToleratedDifference[] = [
  {
    id: 'address-resolution',
    reason:
      'When and how often a host asks for a MAC address is its own choice; what counts are the packets that follow from it.',
    source: ['RFC 1122 §2.3.2.1', 'RFC 4861 §7.2', 'kernel net/core/neighbour.c:neigh_timer_handler'],
    leavesOut: ({ bytes }) => isAddressResolution(bytes),
  },
  {
    id: 'id-of-own-icmp',
    reason:
      'ICMP messages that the director itself makes may be fragmented, so they take any unused id. ' +
      'They are told from forwarded ones by their TTL, which no hop has decremented.',
    source: ['RFC 6864 §4', 'kernel net/ipv4/route.c:__ip_select_ident'],
    numbers: ({ direction }, layers) => {
      const outer = layers.find(is('ip'));
      return direction !== 'in' &&
        outer?.layer.protocol === PROTOCOL.icmp &&
        outer.layer.ttl === 64 &&
        outer.layer.df === false
        ? [outer]
        : [];
    },
  },
  {
    id: 'id-of-tunnel-headers',
    reason:
      'The outer header that VS/TUN puts before a packet without DF takes any unused id. ' +
      'The same id stands in every fragment of that packet and in ICMP errors that quote it.',
    source: ['RFC 2003 §3.1', 'kernel net/ipv4/route.c:__ip_select_ident'],
    numbers: (_frame, layers, traffic) =>
      layers
        .filter(is('ip'))
        .filter(
          (header) =>
            header.layer.df === false && (isTunnel(header.layer.protocol) || traffic.isTunnel(header, layers)),
        ),
  },
  {
    id: 'source-port-of-gue',
    reason:
      'A tunnel of GUE takes the source port from a hash of the flow, whose key is random. It must be one of the local ports, and the same ' +
      'in all packets of a flow of one capture: then it is not compared.',
    source: ['draft-ietf-intarea-gue-09 §5.6.1', 'RFC 7510 §3', 'kernel include/net/udp.h:udp_flow_src_port'],
    sourcePorts: (_frame, layers, traffic) => traffic.withFlowsPort(layers),
  },
  {
    id: 'flow-label-of-own-packets',
    reason:
      'A host gives each flow of its own the label it likes. Such packets are told from forwarded ones by their hop limit, which no ' +
      'hop has decremented.',
    source: ['RFC 6437 §3', 'kernel include/net/ipv6.h:ip6_make_flowlabel'],
    numbers: ({ direction }, layers) => {
      const outer = layers.find(is('ip6'));
      return direction !== 'in' && outer?.layer.hopLimit === 64 ? [outer] : [];
    },
  },
  {
    id: 'id-of-own-fragments',
    reason: 'Who cuts a packet in pieces takes any unused id; the same stands in every piece.',
    source: ['RFC 8200 §4.5', 'RFC 7739', 'kernel net/ipv6/output_core.c:ipv6_select_ident'],
    numbers: ({ direction }, layers) => (direction === 'in' ? [] : layers.filter(is('fragment')).slice(0, 1)),
  },
  {
    id: 'membership-reports',
    reason:
      'The second report about a multicast group follows on the first after a random time, before or after other packets.',
    source: ['RFC 3376 §5.1', 'kernel net/ipv4/igmp.c:igmp_ifc_start_timer'],
    leavesOut: ({ bytes }) => isMembershipReport(bytes),
  },
  {
    id: 'id-of-synchronisation',
    reason: 'Datagrams of the master daemon may be fragmented, so they take any unused id.',
    source: ['RFC 6864 §4', 'kernel net/ipv4/ip_output.c:ip_setup_cork'],
    numbers: ({ direction }, layers) => (direction === 'in' ? [] : layers.filter(is('ip')).filter(isToGroup)),
  },
  {
    id: 'source-port-of-synchronisation',
    reason: 'The master daemon sends from any free port; who listens does not look at it.',
    source: ['kernel net/netfilter/ipvs/ip_vs_sync.c:bind_mcastif_addr'],
    sourcePorts: ({ direction }, layers) =>
      direction !== 'in' && layers.filter(is('ip')).some(isToGroup) ? layers.filter(is('udp')) : [],
  },
];

/** Multicast packets are not forwarded: what leaves a director for a group is its own. */
function isToGroup({ layer }: Dissected<'ip'>): boolean {
  return isMulticast(parseIpv4(layer.destination ?? '0.0.0.0'));
}

function isTunnel(protocol: number | undefined): boolean {
  return protocol === PROTOCOL.ipip || protocol === PROTOCOL.ipv6 || protocol === PROTOCOL.gre;
}

function is<K extends LayerKind>(kind: K): (layer: DissectedLayer) => layer is Dissected<K> {
  return (layer): layer is Dissected<K> => layer.layer.kind === kind;
}
