import { derivedMac, formatIpv4, formatMac, readMac } from '../../../reference/wire/address.ts';
import { ARP, ARP_OPERATION } from '../../../reference/wire/arp.ts';
import { buildPacket } from '../../../reference/wire/build-packet.ts';
import { dissect } from '../../../reference/wire/dissect.ts';
import { ETHER_TYPE, ETHERNET } from '../../../reference/wire/ethernet.ts';
import { ADVERTISEMENT, ICMP6_TYPE } from '../../../reference/wire/icmpv6.ts';
import { derivedMac6, parseIpv6 } from '../../../reference/wire/ipv6-address.ts';
import { IPV6 } from '../../../reference/wire/ipv6.ts';
import { arp, ethernet, icmp6, ip6, neighbour } from '../../../reference/wire/layer.ts';
import { LINK_LAYER_OPTION } from '../../../reference/wire/neighbour-discovery.ts';

/**
 * Stands for the hosts where every address's MAC follows from the address: answers the director's ARP requests and neighbour
 * solicitations, and passes on all other frames. So the kernel, which must ask, does what a director that knows beforehand does.
 */
export const derivedNeighbours =
  (link: { send(frame: Uint8Array): void }, receiver: (frame: Uint8Array) => void) =>
  (frame: Uint8Array): void => {
    const answer = arpAnswer(frame) ?? advertisement(frame);
    if (answer === null) receiver(frame);
    else link.send(answer);
  };

const arpAnswer = (frame: Uint8Array): Uint8Array | null => {
  if (frame.length < ETHERNET.headerLength + ARP.headerLength) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const header = ETHERNET.headerLength;
  if (
    view.getUint16(ETHERNET.type) !== ETHER_TYPE.arp ||
    view.getUint16(header + ARP.operation) !== ARP_OPERATION.request
  )
    return null;
  const asked = view.getUint32(header + ARP.targetAddress);
  const senderMac = formatMac(derivedMac(asked));
  const director = formatMac(readMac(view, header + ARP.senderMac));
  return buildPacket([
    ethernet({ destination: director, source: senderMac }),
    arp({
      operation: ARP_OPERATION.reply,
      senderMac,
      senderAddress: formatIpv4(asked),
      targetMac: director,
      targetAddress: formatIpv4(view.getUint32(header + ARP.senderAddress)),
    }),
  ]);
};

const advertisement = (frame: Uint8Array): Uint8Array | null => {
  // Most frames are no solicitation: those are not dissected.
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const transport = ETHERNET.headerLength + IPV6.headerLength;
  if (
    frame.length <= transport ||
    view.getUint16(ETHERNET.type) !== ETHER_TYPE.ipv6 ||
    frame[transport] !== ICMP6_TYPE.neighbourSolicitation
  )
    return null;
  const [outer, datagram, , body] = dissect(frame).map(({ layer }) => layer);
  if (outer?.kind !== 'ethernet' || datagram?.kind !== 'ip6' || body?.kind !== 'neighbour') return null;
  const { target = '::' } = body;
  const mac = formatMac(derivedMac6(parseIpv6(target)));
  return buildPacket([
    ethernet({ destination: outer.source ?? '', source: mac }),
    ip6({ source: target, destination: datagram.source ?? '', hopLimit: 255 }),
    icmp6({ type: ICMP6_TYPE.neighbourAdvertisement, rest: ADVERTISEMENT.solicited | ADVERTISEMENT.override }),
    neighbour({ target, option: LINK_LAYER_OPTION.target, mac }),
  ]);
};
