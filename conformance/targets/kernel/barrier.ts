import { formatMac, readMac } from '../../../reference/wire/address.ts';
import { ARP, ARP_OPERATION } from '../../../reference/wire/arp.ts';
import { buildPacket } from '../../../reference/wire/build-packet.ts';
import { ETHER_TYPE, ETHERNET } from '../../../reference/wire/ethernet.ts';
import { arp, ethernet } from '../../../reference/wire/layer.ts';

/** MAC addresses that no host of a lab has, locally administered; the last two bytes are a barrier's number. */
const PROBING_MACS = 0x0662_4152_0000;
/** Numbers of barriers are below this. */
export const BARRIER_NUMBERS = 0x1_0000;

/**
 * An in-band barrier: an ARP request that the director answers after everything it received before on that port.
 *
 * It is the address probe of RFC 5227 §2.1.1: the sender's IP address is zero, so that the director answers and learns no neighbour from
 * it (net/ipv4/arp.c:arp_process).
 */
export const barrierFrame = (number: number, directorMac: string, directorAddress: string): Uint8Array => {
  const source = formatMac(PROBING_MACS + number);
  return buildPacket([
    ethernet({ destination: directorMac, source }),
    arp({
      operation: ARP_OPERATION.request,
      senderMac: source,
      senderAddress: '0.0.0.0',
      targetAddress: directorAddress,
    }),
  ]);
};

/** The number of the barrier that this frame answers, or null for every other frame. */
export const barrierAnswer = (frame: Uint8Array): number | null => {
  if (frame.length < ETHERNET.headerLength + ARP.headerLength) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const number = readMac(view, ETHERNET.destination) - PROBING_MACS;
  const isAnswer =
    number >= 0 &&
    number < BARRIER_NUMBERS &&
    view.getUint16(ETHERNET.type) === ETHER_TYPE.arp &&
    view.getUint16(ETHERNET.headerLength + ARP.operation) === ARP_OPERATION.reply;
  return isAnswer ? number : null;
};
