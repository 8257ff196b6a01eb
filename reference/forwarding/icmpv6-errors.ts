import { ICMP6, ICMP6_TYPE, isIcmp6Error, UNREACHABLE6 } from '../wire/icmpv6.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { readIpv6 } from '../wire/ipv6-address.ts';
import { IPV6, IPV6_MINIMUM_MTU } from '../wire/ipv6.ts';
import type { ErrorReason } from './errors.ts';
import { icmpv6Message } from './icmpv6-message.ts';
import type { Ipv6Routes } from './ipv6-routes.ts';
import { isMulticast6, UNSPECIFIED6 } from './ipv6-scope.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { RateLimit } from './rate-limit.ts';

/** Type and code in one number, as they stand in the header: `type << 8 | code` (RFC 4443 §3). */
export const ICMPV6_ERROR = {
  noRoute: (ICMP6_TYPE.unreachable << 8) | UNREACHABLE6.noRoute,
  beyondScope: (ICMP6_TYPE.unreachable << 8) | UNREACHABLE6.beyondScope,
  addressUnreachable: (ICMP6_TYPE.unreachable << 8) | UNREACHABLE6.address,
  portUnreachable: (ICMP6_TYPE.unreachable << 8) | UNREACHABLE6.port,
  packetTooBig: ICMP6_TYPE.packetTooBig << 8,
  hopLimitExceeded: ICMP6_TYPE.timeExceeded << 8,
  reassemblyTimeExceeded: (ICMP6_TYPE.timeExceeded << 8) | 1,
  erroneousField: ICMP6_TYPE.parameterProblem << 8,
  unknownNextHeader: (ICMP6_TYPE.parameterProblem << 8) | 1,
  unknownOption: (ICMP6_TYPE.parameterProblem << 8) | 2,
  /** RFC 7112 §5. */
  incompleteHeaderChain: (ICMP6_TYPE.parameterProblem << 8) | 3,
} as const;

const REASON: Readonly<Record<ErrorReason, number>> = {
  hostUnreachable: ICMPV6_ERROR.addressUnreachable,
  portUnreachable: ICMPV6_ERROR.portUnreachable,
  timeExceeded: ICMPV6_ERROR.hopLimitExceeded,
  tooBig: ICMPV6_ERROR.packetTooBig,
};

const HOP_LIMIT = 64;

export interface Icmpv6ErrorsOptions {
  readonly routes: Ipv6Routes;
  readonly limit: RateLimit;
  /** Milliseconds between errors to one host; 0 for no limit (`net.ipv6.icmp.ratelimit`). */
  readonly interval: () => number;
  /** Sends a packet of the director's own; `port` is the wire that a link-local destination is on. */
  readonly send: (packet: PacketBuffer, port: number) => void;
}

/** The ICMPv6 errors that the director itself sends (net/ipv6/icmp.c:icmp6_send). */
export class Icmpv6Errors {
  readonly #options: Icmpv6ErrorsOptions;

  constructor(options: Icmpv6ErrorsOptions) {
    this.#options = options;
  }

  report(about: PacketBuffer, reason: ErrorReason, mtu = 0): void {
    this.send(about, REASON[reason], mtu);
  }

  /** Tells the sender of `about` why it went no further. `rest` is the MTU, or where in the packet the problem is. */
  send(about: PacketBuffer, typeAndCode: number, rest = 0): void {
    const { routes, limit, interval, send } = this.#options;
    const { view, start, port } = about;
    const sender = readIpv6(view, start + IPV6.source);
    const destination = readIpv6(view, start + IPV6.destination);
    // RFC 4443 §2.4 (e): no error about an error, to nobody in particular, nor about what many got, but for two reasons.
    if (sender === UNSPECIFIED6 || isMulticast6(sender) || isError(about)) return;
    const toMany = about.toMany || isMulticast6(destination);
    if (toMany && typeAndCode !== ICMPV6_ERROR.packetTooBig && !isAboutRefusedOption(about, typeAndCode, rest)) return;
    const route = routes.lookup(sender, port);
    if (route.kind !== 'unicast') return;
    if (!isUnlimited(about, typeAndCode) && !limit.allows(sender, this.#interval(sender, interval()))) return;
    const isOwn = !toMany && (routes.isOwn(port, destination) || routes.isAnycast(destination));
    const room = IPV6_MINIMUM_MTU - IPV6.headerLength - ICMP6.headerLength;
    const error = icmpv6Message({
      source: isOwn ? destination : routes.source(port < 0 ? route.port : port, sender),
      destination: sender,
      hopLimit: HOP_LIMIT,
      typeAndCode,
      rest,
      body: about.bytes.subarray(start, Math.min(about.end, start + room)),
    });
    send(error, port);
  }

  /** Nobody answered for the packet's next hop. */
  unreachableNeighbour(packet: PacketBuffer): void {
    this.send(packet, ICMPV6_ERROR.addressUnreachable);
  }

  /** RFC 8200 §4.5: whoever reassembles says that the rest did not come (net/ipv6/reassembly.c). */
  reassemblyTimedOut(first: PacketBuffer): void {
    this.send(first, ICMPV6_ERROR.reassemblyTimeExceeded);
  }

  /** Wider networks get more (net/ipv6/icmp.c:icmpv6_xrlim_allow). */
  #interval(sender: bigint, interval: number): number {
    return interval >> ((128 - this.#options.routes.prefixLength(sender)) >> 5);
  }
}

/**
 * Packet too big is, without which nothing large gets through (`icmp/ratemask`); and what the balancer says of hop limits, as if it came from
 * the host itself (ip_vs_xmit.c:decrement_ttl).
 */
function isUnlimited({ local }: PacketBuffer, typeAndCode: number): boolean {
  return typeAndCode === ICMPV6_ERROR.packetTooBig || (local && typeAndCode === ICMPV6_ERROR.hopLimitExceeded);
}

/** Whether the packet is an error itself, or may be one (net/ipv6/icmp.c:is_ineligible). */
function isError(packet: PacketBuffer): boolean {
  const { view, transport, transportLength } = packet;
  if (packet.protocol !== PROTOCOL.icmpv6) return false;
  if (transportLength <= ICMP6.type) return packet.fragmentOffset === 0;
  return packet.fragmentOffset === 0 && isIcmp6Error(view.getUint8(transport + ICMP6.type));
}

/** RFC 4443 §2.4 (e.3): of the options that are not known, one asks for an error even from many: its first bits are 10. */
function isAboutRefusedOption({ view, start }: PacketBuffer, typeAndCode: number, at: number): boolean {
  return typeAndCode === ICMPV6_ERROR.unknownOption && (view.getUint8(start + at) & 0xc0) === 0x80;
}
