import { adjust16, internetChecksum } from '../wire/checksum.ts';
import type { Address } from '../wire/ip-address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { BALANCED } from '../protocols/balanced-protocols.ts';
import { SCTP, sctpChecksum } from '../wire/sctp.ts';
import { TCP } from '../wire/tcp.ts';
import { UDP } from '../wire/udp.ts';
import { rewriteAddress, type Side } from './ip-header.ts';
import type { PacketBuffer } from './packet-buffer.ts';

const PORT = { source: TCP.sourcePort, destination: TCP.destinationPort } as const;

/** The transport header is wholly there, so ports and checksum may be touched. */
export function isTranslatable(packet: PacketBuffer): boolean {
  return packet.transportLength >= (BALANCED[packet.protocol]?.headerLength ?? 0);
}

/**
 * Rewrites address and port of one side: the destination of a request, the source of a reply (paper P11, P13;
 * ip_vs_proto_tcp.c:tcp_dnat_handler and its kin). Checksums are adjusted, never
 * computed anew (paper P17, RFC 1624), so a wrong one stays wrong and the receiver still sees that.
 */
export function translate(packet: PacketBuffer, side: Side, address: Address, port: number): void {
  const { view, transport, protocol } = packet;
  if (protocol === PROTOCOL.ah || protocol === PROTOCOL.esp) {
    rewriteAddress(packet, side, address, 0);
    return;
  }
  packet.joinFragments(transport + (BALANCED[protocol]?.headerLength ?? 0));
  const oldPort = view.getUint16(transport + PORT[side]);
  view.setUint16(transport + PORT[side], port);
  if (protocol === PROTOCOL.tcp) {
    const checksum = view.getUint16(transport + TCP.checksum);
    view.setUint16(transport + TCP.checksum, adjust16(rewriteAddress(packet, side, address, checksum), oldPort, port));
    return;
  }
  if (protocol === PROTOCOL.sctp) {
    rewriteAddress(packet, side, address, 0);
    // Addresses are not in its checksum: a wrong one stays wrong unless the port changes (ip_vs_proto_sctp.c:sctp_dnat_handler).
    if (port !== oldPort) view.setUint32(transport + SCTP.checksum, sctpChecksum(view, transport, packet.end));
    return;
  }
  const checksum = view.getUint16(transport + UDP.checksum);
  const adjusted = rewriteAddress(packet, side, address, checksum);
  // A datagram without checksum gets one: there is nothing to adjust (ip_vs_proto_udp.c:udp_dnat_handler).
  const translated = checksum === 0 ? transportChecksum(packet) : adjust16(adjusted, oldPort, port);
  // RFC 768: a checksum of zero is sent as all ones, as zero says that there is none.
  view.setUint16(transport + UDP.checksum, translated === 0 ? 0xffff : translated);
}

/** Computes the checksum of the whole TCP segment or UDP datagram anew, as needed once its payload was changed. */
export function transportChecksum(packet: PacketBuffer): number {
  const { view, transport, transportLength, protocol } = packet;
  const field = transport + (protocol === PROTOCOL.tcp ? TCP.checksum : UDP.checksum);
  const before = view.getUint16(field);
  view.setUint16(field, 0);
  const pseudo = packet.addressSum + protocol + transportLength;
  const checksum = internetChecksum(view, transport, transportLength, pseudo);
  view.setUint16(field, before);
  return checksum;
}
