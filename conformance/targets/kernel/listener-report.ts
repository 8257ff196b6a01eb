import { readMac } from '../../../reference/wire/address.ts';
import { ETHERNET } from '../../../reference/wire/ethernet.ts';

/** That of `ff02::16`, all routers that understand MLDv2 (RFC 3810 §5.2.14). */
const LISTENER_REPORTS = 0x3333_0000_0016;

/**
 * Whether the frame is a multicast listener report. The guest makes one on each port when its IPv6 addresses are new (mcast.c:mld_ifc_event):
 * about no packet, and at a time of its own, so that a session does not deliver it.
 */
export const isListenerReport = (frame: Uint8Array): boolean =>
  frame.length >= ETHERNET.headerLength &&
  readMac(new DataView(frame.buffer, frame.byteOffset, frame.length), ETHERNET.destination) === LISTENER_REPORTS;
