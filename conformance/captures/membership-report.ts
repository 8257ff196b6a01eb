import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';

const IGMP = 2;

/** Whether the frame says which multicast groups its sender listens to (RFC 3376). */
export function isMembershipReport(frame: Uint8Array): boolean {
  return (
    frame[ETHERNET.type] === ETHER_TYPE.ipv4 >> 8 &&
    frame[ETHERNET.type + 1] === (ETHER_TYPE.ipv4 & 0xff) &&
    frame[ETHERNET.headerLength + IPV4.protocol] === IGMP
  );
}
