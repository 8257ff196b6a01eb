import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { isListenerReport } from './listener-report.ts';

const MESSAGES: ReadonlySet<number> = new Set([
  ICMP6_TYPE.routerSolicitation,
  ICMP6_TYPE.neighbourSolicitation,
  ICMP6_TYPE.neighbourAdvertisement,
]);

/**
 * Whether the frame is about who is where on the link and not about a packet: ARP, and what IPv6 has for it (RFC 4861: solicitations and
 * neighbour advertisements; RFC 3810: listener reports). Redirects are about a packet.
 */
export function isAddressResolution(frame: Uint8Array): boolean {
  if (frame.length < ETHERNET.headerLength) return false;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const type = view.getUint16(ETHERNET.type);
  if (type !== ETHER_TYPE.ipv6) return type === ETHER_TYPE.arp;
  if (isListenerReport(frame)) return true;
  const transport = ETHERNET.headerLength + IPV6.headerLength;
  return (
    frame.length > transport &&
    view.getUint8(ETHERNET.headerLength + IPV6.nextHeader) === PROTOCOL.icmpv6 &&
    // RFC 4861 §7.1.1: of any other hop limit it is no such message, but a forged one that came from elsewhere.
    view.getUint8(ETHERNET.headerLength + IPV6.hopLimit) === 255 &&
    MESSAGES.has(view.getUint8(transport))
  );
}
