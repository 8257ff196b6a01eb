import type { DissectedLayer } from '../../reference/wire/layer.ts';
import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import type { CapturedFrame } from './capture.ts';

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
      /** The IP headers of the frame whose id is not compared, nor the share that it has in the header checksum. */
      readonly ids: (frame: CapturedFrame, layers: readonly DissectedLayer[]) => readonly IpLayer[];
    }
);

export type IpLayer = DissectedLayer & { readonly layer: { readonly kind: 'ip' } };

/**
 * The whole list. A header whose id is not compared is compared as if the id were zero, with the header checksum moved
 * along (RFC 1624): a checksum that is wrong still shows. No other checksum depends on the id, for an IP header and its
 * checksum add up to zero; so an ICMP error that quotes the header has the same checksum whatever the id.
 */
export const TOLERATED_DIFFERENCES: readonly ToleratedDifference[] = [
  {
    id: 'arp',
    reason:
      'When and how often a host asks for a MAC address is its own choice; what counts are the packets that follow from it.',
    source: ['RFC 1122 §2.3.2.1', 'kernel net/core/neighbour.c:neigh_timer_handler'],
    leavesOut: ({ bytes }) =>
      bytes[ETHERNET.type] === ETHER_TYPE.arp >> 8 && bytes[ETHERNET.type + 1] === (ETHER_TYPE.arp & 0xff),
  },
  {
    id: 'id-of-own-icmp',
    reason:
      'ICMP messages that the director itself makes may be fragmented, so they take any unused id. ' +
      'They are told from forwarded ones by their TTL, which no hop has decremented.',
    source: ['RFC 6864 §4', 'kernel net/ipv4/route.c:__ip_select_ident'],
    ids: ({ direction }, layers) => {
      const outer = layers.find(isIp);
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
    ids: (_frame, layers) =>
      layers.filter(isIp).filter(({ layer }) => layer.protocol === PROTOCOL.ipip && layer.df === false),
  },
];

function isIp(layer: DissectedLayer): layer is IpLayer {
  return layer.layer.kind === 'ip';
}
