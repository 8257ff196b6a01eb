import { adjust16, internetChecksum } from '../wire/checksum.ts';
import { ICMP } from '../wire/icmp.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { TCP, TCP_FLAG } from '../wire/tcp.ts';
import { UDP } from '../wire/udp.ts';
import { ICMP_ERROR, type IcmpErrors } from './icmp-errors.ts';
import { writeHeader } from './ip-header.ts';
import { PacketBuffer } from './packet-buffer.ts';

const DEFAULT_TTL = 64;
const ECHO_REQUEST = 8;
const IGMP = 2;
const PIM = 103;
/** The two low bits of the TOS byte (RFC 3168 §5). */
const ECN = 0x03;

export interface LocalStackOptions {
  readonly errors: IcmpErrors;
  readonly nextId: () => number;
  /** Sends a packet of the director's own. */
  readonly send: (packet: PacketBuffer) => void;
}

/** The director as a host: it has no application on any port, and answers as RFC 1122 asks of such a host. */
export class LocalStack {
  readonly #options: LocalStackOptions;

  constructor(options: LocalStackOptions) {
    this.#options = options;
  }

  receive(packet: PacketBuffer): void {
    switch (packet.protocol) {
      case PROTOCOL.tcp:
        this.#reset(packet);
        break;
      case PROTOCOL.udp:
        if (packet.transportLength >= UDP.headerLength && udpChecksumHolds(packet)) {
          // What stands behind the datagram's end is no part of it, nor of the quote (net/ipv4/udp.c:__udp4_lib_rcv).
          packet.end = packet.transport + packet.view.getUint16(packet.transport + UDP.length);
          this.#options.errors.send(packet, ICMP_ERROR.portUnreachable);
        }
        break;
      case PROTOCOL.icmp:
        this.#echo(packet);
        break;
      case IGMP:
      case PIM:
        // Multicast is known, and what is said about it here needs no answer (RFC 3376 §4, RFC 7761 §4).
        break;
      default:
        this.#options.errors.send(packet, ICMP_ERROR.protocolUnreachable);
    }
  }

  /** RFC 9293 §3.5.2: a segment for no connection is answered by a reset, unless it is one itself. */
  #reset(packet: PacketBuffer): void {
    const { view, transport, transportLength } = packet;
    if (transportLength < TCP.headerLength || !tcpChecksumHolds(packet)) return;
    const headerLength = (view.getUint8(transport + TCP.dataOffset) >> 4) * 4;
    const flags = view.getUint8(transport + TCP.flags);
    if ((flags & TCP_FLAG.rst) !== 0 || headerLength < TCP.headerLength || headerLength > transportLength) return;
    const reset = new PacketBuffer(IPV4.headerLength + TCP.headerLength);
    reset.end = reset.start + IPV4.headerLength + TCP.headerLength;
    const tcp = reset.start + IPV4.headerLength;
    reset.view.setUint16(tcp + TCP.sourcePort, packet.destinationPort);
    reset.view.setUint16(tcp + TCP.destinationPort, packet.sourcePort);
    reset.view.setUint8(tcp + TCP.dataOffset, (TCP.headerLength / 4) << 4);
    if ((flags & TCP_FLAG.ack) !== 0) {
      reset.view.setUint32(tcp + TCP.sequence, view.getUint32(transport + TCP.acknowledgement));
      reset.view.setUint8(tcp + TCP.flags, TCP_FLAG.rst);
    } else {
      const occupied =
        transportLength -
        headerLength +
        ((flags & TCP_FLAG.syn) === 0 ? 0 : 1) +
        ((flags & TCP_FLAG.fin) === 0 ? 0 : 1);
      reset.view.setUint32(tcp + TCP.acknowledgement, view.getUint32(transport + TCP.sequence) + occupied);
      reset.view.setUint8(tcp + TCP.flags, TCP_FLAG.rst | TCP_FLAG.ack);
    }
    // Linux sends its resets with DF and identification 0 (net/ipv4/tcp_ipv4.c:tcp_sk_init), and not as capable of ECN (ip_send_unicast_reply).
    const header = { protocol: PROTOCOL.tcp, tos: packet.tos & ~ECN, ttl: DEFAULT_TTL, id: 0, dontFragment: true };
    writeHeader(reset, { ...header, source: packet.destination, destination: packet.source });
    const pseudo = reset.addressSum + PROTOCOL.tcp + TCP.headerLength;
    reset.view.setUint16(tcp + TCP.checksum, internetChecksum(reset.view, tcp, TCP.headerLength, pseudo));
    this.#options.send(reset);
  }

  /** RFC 1122 §3.2.2.6: an echo request is answered with the same data. */
  #echo(packet: PacketBuffer): void {
    const { view, transport, transportLength } = packet;
    if (transportLength < ICMP.headerLength || view.getUint8(transport + ICMP.type) !== ECHO_REQUEST) return;
    if (internetChecksum(view, transport, transportLength) !== 0) return;
    const reply = new PacketBuffer(IPV4.headerLength + transportLength);
    reply.end = reply.start + IPV4.headerLength + transportLength;
    const icmp = reply.start + IPV4.headerLength;
    reply.bytes.set(packet.bytes.subarray(transport, packet.end), icmp);
    const before = reply.view.getUint16(icmp + ICMP.type);
    reply.view.setUint8(icmp + ICMP.type, 0);
    const checksum = adjust16(
      reply.view.getUint16(icmp + ICMP.checksum),
      before,
      reply.view.getUint16(icmp + ICMP.type),
    );
    reply.view.setUint16(icmp + ICMP.checksum, checksum);
    const header = { protocol: PROTOCOL.icmp, tos: packet.tos, ttl: DEFAULT_TTL, id: this.#options.nextId() };
    writeHeader(reply, { ...header, dontFragment: false, source: packet.destination, destination: packet.source });
    this.#options.send(reply);
  }
}

/** The TCP checksum is right (RFC 9293 §3.1). */
export function tcpChecksumHolds(packet: PacketBuffer): boolean {
  const pseudo = packet.addressSum + PROTOCOL.tcp + packet.transportLength;
  return internetChecksum(packet.view, packet.transport, packet.transportLength, pseudo) === 0;
}

/** RFC 768: no checksum, or a right one. */
function udpChecksumHolds(packet: PacketBuffer): boolean {
  const { view, transport } = packet;
  const length = view.getUint16(transport + UDP.length);
  if (length < UDP.headerLength || length > packet.transportLength) return false;
  if (view.getUint16(transport + UDP.checksum) === 0) return true;
  const pseudo = packet.addressSum + PROTOCOL.udp + length;
  return internetChecksum(view, transport, length, pseudo) === 0;
}
