import { derivedMac, formatIpv4, formatMac, readMac } from '../../../reference/wire/address.ts';
import { ARP, ARP_OPERATION } from '../../../reference/wire/arp.ts';
import { buildPacket } from '../../../reference/wire/build-packet.ts';
import { ETHER_TYPE, ETHERNET } from '../../../reference/wire/ethernet.ts';
import { arp, ethernet } from '../../../reference/wire/layer.ts';

/**
 * Stands for the hosts where every address's MAC follows from the address: answers the director's ARP requests, and passes on all other
 * frames. So the kernel, which must ask, does what a director that knows beforehand does.
 */
export const derivedNeighbours =
  (link: { send(frame: Uint8Array): void }, receiver: (frame: Uint8Array) => void) =>
  (frame: Uint8Array): void => {
    const answer = answerTo(frame);
    if (answer === null) receiver(frame);
    else link.send(answer);
  };

const answerTo = (frame: Uint8Array): Uint8Array | null => {
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
