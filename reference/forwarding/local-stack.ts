import { adjust16, internetChecksum } from '../wire/checksum.ts';
import { ICMP } from '../wire/icmp.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { UDP } from '../wire/udp.ts';
import { ICMP_ERROR, type IcmpErrors } from './icmp-errors.ts';
import { writeHeader } from './ip-header.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { resetFor } from './tcp-reset.ts';

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

  /** RFC 9293 §3.5.2: a segment for no connection is answered by a reset. */
  #reset(packet: PacketBuffer): void {
    const { source, destination, tos } = packet;
    const reset = resetFor(packet, IPV4.headerLength, (answer) => {
      // Linux sends its resets with DF and identification 0 (net/ipv4/tcp_ipv4.c:tcp_sk_init), and not as capable of ECN (ip_send_unicast_reply).
      const header = { protocol: PROTOCOL.tcp, tos: tos & ~ECN, ttl: DEFAULT_TTL, id: 0, dontFragment: true };
      writeHeader(answer, { ...header, source: destination, destination: source });
    });
    if (reset !== undefined) this.#options.send(reset);
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

/** RFC 768: no checksum, or a right one. */
export function udpChecksumHolds(packet: PacketBuffer): boolean {
  const { view, transport } = packet;
  const length = view.getUint16(transport + UDP.length);
  if (length < UDP.headerLength || length > packet.transportLength) return false;
  if (view.getUint16(transport + UDP.checksum) === 0) return true;
  const pseudo = packet.addressSum + PROTOCOL.udp + length;
  return internetChecksum(view, transport, length, pseudo) === 0;
}
