import { ICMP6, ICMP6_TYPE } from '../wire/icmpv6.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { FRAGMENT_HEADER, FRAGMENT_WORD } from '../wire/ipv6-fragment.ts';
import { readIpv6 } from '../wire/ipv6-address.ts';
import { EXTENSION } from '../wire/ipv6-options.ts';
import { ROUTING } from '../wire/ipv6-routing.ts';
import { IPV6, NEXT_HEADER } from '../wire/ipv6.ts';
import { UDP } from '../wire/udp.ts';
import { internetChecksum } from '../wire/checksum.ts';
import { ICMPV6_ERROR, type Icmpv6Errors } from './icmpv6-errors.ts';
import { icmpv6ChecksumHolds, icmpv6Message } from './icmpv6-message.ts';
import { readExtensionOptions, type ExtensionVerdict } from './ipv6-extensions.ts';
import { writeIpv6Header } from './ipv6-header.ts';
import type { Ipv6Routes } from './ipv6-routes.ts';
import { isMulticast6 } from './ipv6-scope.ts';
import type { Route } from './route.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { resetFor } from './tcp-reset.ts';

const HOP_LIMIT = 64;
/** The two low bits of the traffic class (RFC 3168 §5). */
const ECN = 0x03;

export interface Ipv6LocalStackOptions {
  readonly routes: Ipv6Routes;
  readonly errors: Icmpv6Errors;
  /** Neighbour discovery's messages. */
  readonly discovery: (packet: PacketBuffer) => void;
  /** Sends a packet of the director's own; `port` is the wire that a link-local destination is on. */
  readonly send: (packet: PacketBuffer, port: number, route?: Route) => void;
}

/** The director as an IPv6 host without any application: headers in their order (RFC 8200 §4.1), then the answer that a host owes. */
export class Ipv6LocalStack {
  readonly #options: Ipv6LocalStackOptions;

  constructor(options: Ipv6LocalStackOptions) {
    this.#options = options;
  }

  /** net/ipv6/ip6_input.c:ip6_protocol_deliver_rcu */
  receive(packet: PacketBuffer): void {
    const { view, start } = packet;
    let named = start + IPV6.nextHeader;
    let at = start + IPV6.headerLength;
    if (view.getUint8(named) === NEXT_HEADER.hopByHop && !packet.hasUnreadOptions) {
      // It was looked at when the packet came in.
      named = at;
      at += (view.getUint8(at + EXTENSION.length) + 1) * EXTENSION.unit;
    }
    for (;;) {
      const verdict = this.#extension(packet, view.getUint8(named), at);
      if (verdict === 'transport') break;
      if (verdict === 'drop') return;
      if (typeof verdict !== 'number') {
        this.#options.errors.send(packet, verdict.error, verdict.pointer);
        return;
      }
      named = at;
      at = verdict;
    }
    this.#transport(packet, view.getUint8(named), named - start);
  }

  /** Where the next header begins, if this one is an extension header. */
  #extension(
    packet: PacketBuffer,
    kind: number,
    at: number,
  ): number | 'transport' | Exclude<ExtensionVerdict, 'accepted'> {
    const { view, end } = packet;
    switch (kind) {
      case NEXT_HEADER.destinationOptions: {
        const verdict = readExtensionOptions(packet, at, false);
        return verdict === 'accepted' ? at + (view.getUint8(at + EXTENSION.length) + 1) * EXTENSION.unit : verdict;
      }
      case NEXT_HEADER.routing:
        return routing(packet, at);
      case NEXT_HEADER.fragment:
        return fragment(packet, at);
      case NEXT_HEADER.none:
        return 'drop';
      default:
        return at > end ? 'drop' : 'transport';
    }
  }

  #transport(packet: PacketBuffer, protocol: number, named: number): void {
    const { errors } = this.#options;
    const toMany = packet.toMany || isMulticast6(readIpv6(packet.view, packet.start + IPV6.destination));
    switch (protocol) {
      case PROTOCOL.tcp:
        if (!toMany) this.#reset(packet);
        break;
      case PROTOCOL.udp:
        if (!toMany && udpIsSound(packet)) errors.send(packet, ICMPV6_ERROR.portUnreachable);
        break;
      case PROTOCOL.icmpv6:
        this.#icmp(packet);
        break;
      default:
        errors.send(packet, ICMPV6_ERROR.unknownNextHeader, named);
    }
  }

  /** RFC 9293 §3.5.2. An anycast address is nobody's own, and resets nothing (net/ipv6/tcp_ipv6.c:tcp_v6_send_reset). */
  #reset(packet: PacketBuffer): void {
    const { routes, send } = this.#options;
    const { view, start, port, tos } = packet;
    const source = readIpv6(view, start + IPV6.destination);
    const destination = readIpv6(view, start + IPV6.source);
    if (routes.isAnycast(source)) return;
    const reset = resetFor(packet, IPV6.headerLength, (answer) =>
      writeIpv6Header(answer, {
        source,
        destination,
        nextHeader: PROTOCOL.tcp,
        trafficClass: tos & ~ECN,
        hopLimit: HOP_LIMIT,
      }),
    );
    if (reset !== undefined) send(reset, port);
  }

  #icmp(packet: PacketBuffer): void {
    const { view, transport, transportLength } = packet;
    if (transportLength < ICMP6.headerLength || !icmpv6ChecksumHolds(packet)) return;
    switch (view.getUint8(transport + ICMP6.type)) {
      case ICMP6_TYPE.echoRequest:
        this.#echo(packet);
        break;
      case ICMP6_TYPE.neighbourSolicitation:
      case ICMP6_TYPE.neighbourAdvertisement:
        // RFC 6980 §5: never in fragments.
        if (packet.largestFragment === 0 && !packet.isFragment) this.#options.discovery(packet);
        break;
    }
  }

  /** RFC 4443 §4.2: an echo request is answered with the same data, from the address that was asked if it is one's own. */
  #echo(packet: PacketBuffer): void {
    const { routes, send } = this.#options;
    const { view, start, transport, port, tos } = packet;
    const asked = readIpv6(view, start + IPV6.destination);
    const destination = readIpv6(view, start + IPV6.source);
    const isOwn = !isMulticast6(asked) && !routes.isAnycast(asked);
    // What was asked of many, or of whoever stands there, is answered on the wire where it was asked.
    const route = isOwn ? undefined : routes.lookupOn(port, destination);
    if (route?.kind === 'unreachable') return;
    const reply = icmpv6Message({
      source: isOwn ? asked : routes.source(port, destination),
      destination,
      hopLimit: HOP_LIMIT,
      trafficClass: tos,
      typeAndCode: (ICMP6_TYPE.echoReply << 8) | view.getUint8(transport + ICMP6.code),
      rest: view.getUint32(transport + ICMP6.rest),
      body: packet.bytes.subarray(transport + ICMP6.headerLength, packet.end),
    });
    send(reply, port, route);
  }
}

/** RFC 8200 §4.4: a routing header that leads nowhere further is passed over, any other refused (net/ipv6/exthdrs.c:ipv6_rthdr_rcv). */
function routing(packet: PacketBuffer, at: number): number | Exclude<ExtensionVerdict, 'accepted'> {
  const { view, start, end } = packet;
  if (at + EXTENSION.unit > end) return 'drop';
  const next = at + (view.getUint8(at + EXTENSION.length) + 1) * EXTENSION.unit;
  const type = view.getUint8(at + ROUTING.routingType);
  if (next > end || isMulticast6(readIpv6(view, start + IPV6.destination)) || type === 3 || type === 4) return 'drop';
  // Type 2 is for a home address (RFC 6275 §6.4), and nobody has one here.
  if (type === 2) return 'drop';
  if (view.getUint8(at + ROUTING.segmentsLeft) === 0) return next;
  return { error: ICMPV6_ERROR.erroneousField, pointer: at + ROUTING.routingType - start };
}

/** What was not put together before comes here as it is; RFC 6946 §4: with nothing missing it is a whole datagram. */
function fragment(packet: PacketBuffer, at: number): number | Exclude<ExtensionVerdict, 'accepted'> {
  const { view, start, end } = packet;
  const pointer = at - start;
  if (packet.largestFragment > 0 || at + FRAGMENT_HEADER.headerLength > end) {
    return { error: ICMPV6_ERROR.erroneousField, pointer };
  }
  const word = view.getUint16(at + FRAGMENT_HEADER.fragment);
  if ((word & (FRAGMENT_WORD.offsetMask | FRAGMENT_WORD.mf)) === 0) return at + FRAGMENT_HEADER.headerLength;
  if (packet.lacksHeaders) return { error: ICMPV6_ERROR.incompleteHeaderChain, pointer: 0 };
  // RFC 8200 §4.5: a fragment but the last must end on a multiple of 8.
  const isUnfit = (word & FRAGMENT_WORD.mf) !== 0 && (end - at) % 8 !== 0;
  return isUnfit ? { error: ICMPV6_ERROR.erroneousField, pointer: IPV6.payloadLength } : 'drop';
}

/** RFC 8200 §8.1: without a checksum, or with a wrong one, no datagram is taken. What stands behind its end is no part of it. */
function udpIsSound(packet: PacketBuffer): boolean {
  const { view, transport, transportLength } = packet;
  if (transportLength < UDP.headerLength) return false;
  const stated = view.getUint16(transport + UDP.length);
  const length = stated === 0 ? transportLength : stated;
  if (length < UDP.headerLength || length > transportLength) return false;
  if (view.getUint16(transport + UDP.checksum) === 0) return false;
  packet.end = transport + length;
  return internetChecksum(view, transport, length, packet.addressSum + PROTOCOL.udp + length) === 0;
}
