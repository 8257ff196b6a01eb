import type { DissectedLayer } from '../../reference/wire/layer.ts';
import type { CapturedFrame } from './capture.ts';

/** Something in which two right directors may differ on the wire. Everything else must be the same, byte for byte. */
export interface ToleratedDifference {
  readonly id: string;
  readonly reason: string;
  readonly source: readonly string[];
  /** What of this frame is not compared: all of it, or the id of some of its IP headers. `layers` are those of `frame`. */
  ignores(frame: CapturedFrame, layers: readonly DissectedLayer[]): 'frame' | readonly IpLayer[];
}

/** An IP header found in a frame: its id, and the share that this id has in its header checksum, are not compared. */
export type IpLayer = DissectedLayer & { readonly layer: { readonly kind: 'ip' } };

/**
 * The whole list. An id is masked without the header checksum: that is recomputed incrementally for an id of zero
 * (RFC 1624), so a header checksum that is wrong still shows. No other checksum covers an id: the words of an IP header and its checksum
 * add up to zero, so an ICMP error that quotes it has the same checksum for every id.
 */
export const TOLERATED_DIFFERENCES: readonly ToleratedDifference[] = [
  {
    id: 'arp',
    reason:
      'When and how often a host asks for a MAC address is its own choice; only the packets that follow from it count.',
    source: ['RFC 1122 §2.3.2.1', 'kernel net/core/neighbour.c:neigh_timer_handler'],
    ignores: (_frame, layers) => (layers.some(({ layer }) => layer.kind === 'arp') ? 'frame' : NOTHING),
  },
  {
    id: 'id-of-own-packets',
    reason:
      'ICMP messages that the director itself makes may be fragmented, so their id is any unused number. ' +
      'They are told from forwarded ones by their TTL, which no hop has decremented.',
    source: ['RFC 6864 §4', 'kernel net/ipv4/route.c:__ip_select_ident'],
    ignores(frame, layers) {
      const outer = layers.find(isIp);
      const own =
        frame.direction !== 'in' && outer?.layer.protocol === 1 && outer.layer.ttl === 64 && outer.layer.df === false;
      return own ? [outer] : NOTHING;
    },
  },
  {
    id: 'id-of-tunnel-headers',
    reason:
      'The outer header that VS/TUN adds to a packet without DF gets an id of its own, any unused number. ' +
      'The same id stands in all fragments of that packet and in every ICMP error that quotes it.',
    source: ['RFC 2003 §3.1', 'kernel net/ipv4/route.c:__ip_select_ident'],
    ignores: (_frame, layers) => layers.filter(isIp).filter(({ layer }) => layer.protocol === 4 && layer.df === false),
  },
];

const NOTHING: readonly IpLayer[] = [];

function isIp(layer: DissectedLayer): layer is IpLayer {
  return layer.layer.kind === 'ip';
}
