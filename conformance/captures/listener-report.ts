import { readMac } from '../../reference/wire/address.ts';
import { ETHERNET } from '../../reference/wire/ethernet.ts';

/** The MAC address of `ff02::16`, all routers that understand MLDv2 (RFC 3810 §5.2.14). */
const LISTENER_REPORTS = 0x3333_0000_0016;

/** Whether the frame is a multicast listener report: what a host says about the groups of its own addresses, once they are new. */
export function isListenerReport(frame: Uint8Array): boolean {
  if (frame.length < ETHERNET.headerLength) return false;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  return readMac(view, ETHERNET.destination) === LISTENER_REPORTS;
}
