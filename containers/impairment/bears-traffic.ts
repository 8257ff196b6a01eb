import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { ICMP6, ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { PROTOCOL } from '../../reference/wire/ipv4.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';

/**
 * Whether a frame is part of what hosts tell each other, and not of how they find their neighbours. A bad cable spares ARP and
 * neighbour discovery (RFC 826, RFC 4861): a lost question is asked again after a second, by kernels that are not under test, and a
 * scenario would be about that.
 */
export function bearsTraffic(frame: Uint8Array): boolean {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const type = view.byteLength < ETHERNET.headerLength ? undefined : view.getUint16(ETHERNET.type);
  if (type === ETHER_TYPE.ipv4) return true;
  if (type !== ETHER_TYPE.ipv6) return false;
  const icmp = ETHERNET.headerLength + IPV6.headerLength;
  if (view.byteLength < icmp + ICMP6.headerLength) return true;
  if (view.getUint8(ETHERNET.headerLength + IPV6.nextHeader) !== PROTOCOL.icmpv6) return true;
  const message = view.getUint8(icmp + ICMP6.type);
  return message < ICMP6_TYPE.routerSolicitation || message > ICMP6_TYPE.redirect;
}
