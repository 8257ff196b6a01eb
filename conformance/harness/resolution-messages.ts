import { formatMac } from '../../reference/wire/address.ts';
import { ARP_OPERATION } from '../../reference/wire/arp.ts';
import { ADVERTISEMENT, ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { formatIpv6, multicastMacOf, parseIpv6, solicitedNodeOf } from '../../reference/wire/ipv6-address.ts';
import { arp, ethernet, icmp6, ip6, neighbour, type Layer } from '../../reference/wire/layer.ts';
import { LINK_LAYER_OPTION } from '../../reference/wire/neighbour-discovery.ts';
import { dissect } from '../../reference/wire/packet.ts';

/** A message of ARP or neighbour discovery, as a host takes it. */
export interface ResolutionMessage {
  readonly isQuestion: boolean;
  /** Whose address it must be for the message to count; absent where the MAC address it was sent to decides. */
  readonly to: string | undefined;
  /** Whose MAC address can be learnt from it. */
  readonly from: { readonly address: string; readonly mac: string } | undefined;
}

const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const NOBODY = '::';
const ALL_NODES = 'ff02::1';
/** RFC 4861 §7.1.1: a receiver takes no message that came over a router. */
const HOP_LIMIT = 255;

interface Asker {
  readonly mac: string;
  readonly address: string;
  readonly address6: string;
}

/** Who has this address? From the Ethernet layer. */
export function questionFor(address: string, { mac, address: own, address6: own6 }: Asker): readonly Layer[] {
  if (!address.includes(':')) {
    return [
      ethernet({ destination: BROADCAST, source: mac }),
      arp({ operation: ARP_OPERATION.request, senderMac: mac, senderAddress: own, targetAddress: address }),
    ];
  }
  const group = solicitedNodeOf(parseIpv6(address));
  return [
    ethernet({ destination: formatMac(multicastMacOf(group)), source: mac }),
    ip6({ source: own6, destination: formatIpv6(group), hopLimit: HOP_LIMIT }),
    icmp6({ type: ICMP6_TYPE.neighbourSolicitation }),
    neighbour({ target: address, option: LINK_LAYER_OPTION.source, mac }),
  ];
}

/** What the frame says, if it is such a message. */
export function resolutionMessage(bytes: Uint8Array): ResolutionMessage | undefined {
  const [outer, second, third, fourth] = dissect(bytes).map(({ layer }) => layer);
  if (second?.kind === 'arp') {
    const { operation, senderAddress, senderMac, targetAddress } = second;
    if (senderAddress === undefined || senderMac === undefined || targetAddress === undefined) return undefined;
    // RFC 826, packet reception: the target learns the sender's address from requests and replies alike.
    const from = { address: senderAddress, mac: senderMac };
    return { isQuestion: operation === ARP_OPERATION.request, to: targetAddress, from };
  }
  if (outer?.kind !== 'ethernet' || second?.kind !== 'ip6' || third?.kind !== 'icmp6' || fourth?.kind !== 'neighbour') {
    return undefined;
  }
  const { source = NOBODY } = second;
  const { target = NOBODY, mac = outer.source ?? '' } = fourth;
  // RFC 4861 §7.2.3 and §7.2.5: a solicitation tells of its sender, an advertisement of its target.
  if (third.type !== ICMP6_TYPE.neighbourSolicitation)
    return { isQuestion: false, to: undefined, from: { address: target, mac } };
  return { isQuestion: true, to: target, from: source === NOBODY ? undefined : { address: source, mac } };
}

/** The answer to a question for `to`: it is at `mac`. */
export function answerTo({ to = NOBODY, from }: ResolutionMessage, mac: string): readonly Layer[] {
  if (!to.includes(':')) {
    return [
      ethernet({ destination: from?.mac ?? BROADCAST, source: mac }),
      arp({
        operation: ARP_OPERATION.reply,
        senderMac: mac,
        senderAddress: to,
        targetMac: from?.mac ?? BROADCAST,
        targetAddress: from?.address ?? to,
      }),
    ];
  }
  // RFC 4861 §7.2.4: who asks without an address is answered with all others, and not as one who asked.
  const solicited = from === undefined ? 0 : ADVERTISEMENT.solicited;
  const everybody = formatMac(multicastMacOf(parseIpv6(ALL_NODES)));
  return [
    ethernet({ destination: from?.mac ?? everybody, source: mac }),
    ip6({ source: to, destination: from?.address ?? ALL_NODES, hopLimit: HOP_LIMIT }),
    icmp6({ type: ICMP6_TYPE.neighbourAdvertisement, rest: solicited | ADVERTISEMENT.override }),
    neighbour({ target: to, option: LINK_LAYER_OPTION.target, mac }),
  ];
}
