import { internetChecksum } from '../wire/checksum.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { TCP, TCP_FLAG } from '../wire/tcp.ts';
import { PacketBuffer } from './packet-buffer.ts';

/**
 * The reset for a segment of no connection (RFC 9293 §3.5.2); none for a segment that is a reset itself, or broken. `writeIp` writes the
 * IP header of `ipLength` bytes, whose addresses the checksum covers.
 */
export function resetFor(
  packet: PacketBuffer,
  ipLength: number,
  writeIp: (reset: PacketBuffer) => void,
): PacketBuffer | undefined {
  const { view, transport, transportLength } = packet;
  if (transportLength < TCP.headerLength || !tcpChecksumHolds(packet)) return undefined;
  const headerLength = (view.getUint8(transport + TCP.dataOffset) >> 4) * 4;
  const flags = packet.tcpFlags;
  if ((flags & TCP_FLAG.rst) !== 0 || headerLength < TCP.headerLength || headerLength > transportLength)
    return undefined;
  const reset = new PacketBuffer(ipLength + TCP.headerLength);
  reset.end = reset.start + ipLength + TCP.headerLength;
  const tcp = reset.start + ipLength;
  reset.view.setUint16(tcp + TCP.sourcePort, packet.destinationPort);
  reset.view.setUint16(tcp + TCP.destinationPort, packet.sourcePort);
  reset.view.setUint8(tcp + TCP.dataOffset, (TCP.headerLength / 4) << 4);
  if ((flags & TCP_FLAG.ack) !== 0) {
    reset.view.setUint32(tcp + TCP.sequence, view.getUint32(transport + TCP.acknowledgement));
    reset.view.setUint8(tcp + TCP.flags, TCP_FLAG.rst);
  } else {
    const syn = (flags & TCP_FLAG.syn) === 0 ? 0 : 1;
    const fin = (flags & TCP_FLAG.fin) === 0 ? 0 : 1;
    const occupied = transportLength - headerLength + syn + fin;
    reset.view.setUint32(tcp + TCP.acknowledgement, view.getUint32(transport + TCP.sequence) + occupied);
    reset.view.setUint8(tcp + TCP.flags, TCP_FLAG.rst | TCP_FLAG.ack);
  }
  writeIp(reset);
  const pseudo = reset.addressSum + PROTOCOL.tcp + TCP.headerLength;
  reset.view.setUint16(tcp + TCP.checksum, internetChecksum(reset.view, tcp, TCP.headerLength, pseudo));
  return reset;
}

/** The TCP checksum is right (RFC 9293 §3.1). */
export function tcpChecksumHolds(packet: PacketBuffer): boolean {
  const pseudo = packet.addressSum + PROTOCOL.tcp + packet.transportLength;
  return internetChecksum(packet.view, packet.transport, packet.transportLength, pseudo) === 0;
}
