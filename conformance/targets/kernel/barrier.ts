/**
 * The in-band barrier: an ARP request that the director answers after everything it received before on that port.
 *
 * It is the address probe of RFC 5227 §2.1.1: the sender's IP address is zero, so that the director answers (arp.c:arp_process, "IPv4
 * duplicate address detection") and learns no neighbour from it. The sender's MAC is one that no host of a lab has, with a number in it.
 */
const LENGTH = 42;
const ARP = 0x0806;
const REQUEST = 1;
const REPLY = 2;
/** A locally administered prefix kept for barriers; the last two bytes are the barrier's number. */
const PROBING_MAC = 0x06624152;

const address = (text: string): number[] => text.split('.').map(Number);
const hardware = (text: string): number[] => text.split(':').map((byte) => parseInt(byte, 16));

/** The frame of barrier `number` (16 bits) for the director's MAC and one of its own addresses. */
export const barrierFrame = (number: number, directorMac: string, directorAddress: string): Uint8Array => {
  const bytes = new Uint8Array(LENGTH);
  const view = new DataView(bytes.buffer);
  const mac = (at: number): void => {
    view.setUint32(at, PROBING_MAC);
    view.setUint16(at + 4, number);
  };
  bytes.set(hardware(directorMac), 0);
  mac(6);
  view.setUint16(12, ARP);
  // Ethernet, IPv4, lengths 6 and 4.
  view.setUint16(14, 1);
  view.setUint16(16, 0x0800);
  view.setUint16(18, 0x0604);
  view.setUint16(20, REQUEST);
  mac(22);
  bytes.set(address(directorAddress), 38);
  return bytes;
};

/** The number of the barrier that this frame answers, or null for every other frame. */
export const barrierAnswer = (frame: Uint8Array): number | null => {
  if (frame.length < LENGTH) return null;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const answers = view.getUint32(0) === PROBING_MAC && view.getUint16(12) === ARP && view.getUint16(20) === REPLY;
  return answers ? view.getUint16(4) : null;
};
