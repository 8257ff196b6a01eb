import type { Icmpv6Errors } from './forwarding/icmpv6-errors.ts';
import { ICMPV6_ERROR } from './forwarding/icmpv6-errors.ts';
import { decrementTtl } from './forwarding/ip-header.ts';
import type { IpOutput } from './forwarding/ip-output.ts';
import { readExtensionOptions } from './forwarding/ipv6-extensions.ts';
import type { Ipv6LocalStack } from './forwarding/ipv6-local-stack.ts';
import type { Ipv6Routes } from './forwarding/ipv6-routes.ts';
import { isLinkLocal6, isMulticast6, LOOPBACK6, multicastScope6, UNSPECIFIED6 } from './forwarding/ipv6-scope.ts';
import type { PacketBuffer } from './forwarding/packet-buffer.ts';
import type { Redirects } from './forwarding/redirects.ts';
import type { Reassembly } from './forwarding/reassembly.ts';
import type { UnicastRoute } from './forwarding/route.ts';
import type { Ipvs } from './ipvs.ts';
import { readIpv6 } from './wire/ipv6-address.ts';
import { IPV6, IPV6_MINIMUM_MTU, NEXT_HEADER } from './wire/ipv6.ts';

/** The narrowest scopes of multicast, which none may leave (RFC 4291 §2.7). */
const INTERFACE_LOCAL = 1;

export interface Ipv6LayerOptions {
  readonly ipvs: Ipvs;
  readonly routes: Ipv6Routes;
  readonly output: IpOutput;
  readonly errors: Icmpv6Errors;
  readonly stack: Ipv6LocalStack;
  readonly redirects: Redirects;
  readonly reassembly: Reassembly;
}

/** The director as an IPv6 router and host, around the balancer: the way of a packet through the kernel's IPv6 (net/ipv6/ip6_input.c, ip6_output.c). */
export class Ipv6Layer {
  readonly #options: Ipv6LayerOptions;
  constructor(options: Ipv6LayerOptions) {
    this.#options = options;
  }

  /** A datagram came in. */
  receive(packet: PacketBuffer): void {
    const { ipvs, routes, errors, reassembly } = this.#options;
    if (!routes.isOn || !isSound(packet)) return;
    const { view, start } = packet;
    if (view.getUint8(start + IPV6.nextHeader) === NEXT_HEADER.hopByHop) {
      const verdict = readExtensionOptions(packet, start + IPV6.headerLength, true);
      if (verdict === 'drop') return;
      if (verdict !== 'accepted') {
        errors.send(packet, verdict.error, verdict.pointer);
        return;
      }
    }
    const whole = ipvs.gathersIpv6 && isGathered(packet) ? reassembly.add(packet) : packet;
    if (whole !== undefined) this.#route(whole);
  }

  #route(packet: PacketBuffer): void {
    const { routes, errors } = this.#options;
    const destination = destinationOf(packet);
    if (isMulticast6(destination)) {
      if (routes.listensTo(packet.port, destination)) this.#deliver(packet);
      return;
    }
    const route = routes.lookup(destination, packet.port);
    packet.local = route.kind === 'local';
    if (route.kind === 'local') this.#deliver(packet);
    // Only what is addressed to the director alone is passed on (PACKET_HOST).
    else if (packet.toMany) return;
    else if (route.kind === 'unicast') this.#forward(packet, route);
    else errors.send(packet, ICMPV6_ERROR.noRoute);
  }

  /** To one of the director's addresses or groups: the balancer first, the director's own stack for what it leaves. */
  #deliver(fragmentOrWhole: PacketBuffer): void {
    const { ipvs, stack, reassembly } = this.#options;
    if (!fragmentOrWhole.toMany && ipvs.localIn(fragmentOrWhole) === 'done') return;
    const packet = !ipvs.gathersIpv6 && isGathered(fragmentOrWhole) ? reassembly.add(fragmentOrWhole) : fragmentOrWhole;
    if (packet !== undefined) stack.receive(packet);
  }

  /** To somebody else: routed, seen by the balancer on its way (net/ipv6/ip6_output.c:ip6_forward). */
  #forward(packet: PacketBuffer, route: UnicastRoute): void {
    const { ipvs, errors, output, stack } = this.#options;
    const source = readIpv6(packet.view, packet.start + IPV6.source);
    if (packet.ttl <= 1) {
      errors.send(packet, ICMPV6_ERROR.hopLimitExceeded);
      return;
    }
    if (packet.port === route.port) {
      this.#options.redirects.send(packet, route);
    } else {
      if (source === UNSPECIFIED6) return;
      if (isLinkLocal6(source)) {
        errors.send(packet, ICMPV6_ERROR.beyondScope);
        return;
      }
    }
    const mtu = Math.max(route.mtu, IPV6_MINIMUM_MTU);
    if (packet.largestFragment === 0 && packet.length > mtu) {
      errors.send(packet, ICMPV6_ERROR.packetTooBig, mtu);
      return;
    }
    decrementTtl(packet);
    const relayed = ipvs.forward(packet);
    if (relayed === 'pass') output.send(packet, route);
    else if (relayed === 'local') stack.receive(packet);
  }
}

const destinationOf = ({ view, start }: PacketBuffer): bigint => readIpv6(view, start + IPV6.destination);

/** The header is wholly there and can be true (net/ipv6/ip6_input.c:ip6_rcv_core). What stands behind the datagram in its frame is cut off. */
function isSound(packet: PacketBuffer): boolean {
  const { view, start, length } = packet;
  if (length < IPV6.headerLength || packet.family !== 6) return false;
  const source = readIpv6(view, start + IPV6.source);
  const destination = destinationOf(packet);
  // RFC 4291 §2.5.3, §2.7: these are on no wire.
  if (source === LOOPBACK6 || destination === LOOPBACK6 || isMulticast6(source)) return false;
  if (isMulticast6(destination) && multicastScope6(destination) <= INTERFACE_LOCAL) return false;
  const payloadLength = view.getUint16(start + IPV6.payloadLength);
  const isJumbo = payloadLength === 0 && view.getUint8(start + IPV6.nextHeader) === NEXT_HEADER.hopByHop;
  if (isJumbo) return true;
  if (payloadLength + IPV6.headerLength > length) return false;
  packet.end = start + IPV6.headerLength + payloadLength;
  return true;
}

/** A fragment that may be put together (net/ipv6/netfilter/nf_conntrack_reasm.c:nf_ct_frag6_gather); an atomic one is whole at once. */
function isGathered(packet: PacketBuffer): boolean {
  return packet.isFragment && packet.view.getUint16(packet.start + IPV6.payloadLength) > 0 && !packet.lacksHeaders;
}
