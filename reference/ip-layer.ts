import { ICMP_ERROR, type IcmpErrors } from './forwarding/icmp-errors.ts';
import { decrementTtl } from './forwarding/ip-header.ts';
import { readOptions } from './forwarding/ip-options.ts';
import type { IpOutput } from './forwarding/ip-output.ts';
import type { LocalStack } from './forwarding/local-stack.ts';
import type { Marks } from './forwarding/marks.ts';
import type { Multicast } from './forwarding/multicast.ts';
import type { PacketBuffer } from './forwarding/packet-buffer.ts';
import type { Reassembly } from './forwarding/reassembly.ts';
import type { Route } from './forwarding/route.ts';
import type { Routes } from './forwarding/routes.ts';
import type { Ipvs } from './ipvs.ts';
import type { Profile } from './profile.ts';
import { internetChecksum } from './wire/checksum.ts';
import { IPV4, PROTOCOL } from './wire/ipv4.ts';

export interface IpLayerOptions {
  readonly profile: Profile;
  readonly ipvs: Ipvs;
  readonly marks: Marks;
  readonly routes: Routes;
  readonly output: IpOutput;
  readonly errors: IcmpErrors;
  readonly stack: LocalStack;
  readonly multicast: Multicast;
  readonly reassembly: Reassembly;
}

/** Protocols whose packets the balancer needs whole, also those that it only lets pass (ip_vs_core.c:ip_vs_out_hook). */
const LOOKED_INTO: ReadonlySet<number> = new Set([PROTOCOL.icmp, PROTOCOL.tcp, PROTOCOL.udp, PROTOCOL.sctp]);

/** The director as an IP router and host, around the balancer: the way of a packet through the kernel's IPv4 (net/ipv4/ip_input.c, ip_forward.c). */
export class IpLayer {
  readonly #options: IpLayerOptions;

  constructor(options: IpLayerOptions) {
    this.#options = options;
  }

  /** A datagram came in, addressed to the director's MAC. */
  receive(packet: PacketBuffer): void {
    const { profile, marks, routes, errors } = this.#options;
    if (!isSound(packet)) return;
    const source = packet.view.getUint32(packet.start + IPV4.source);
    const destination = packet.view.getUint32(packet.start + IPV4.destination);
    if (isMartian(source, routes)) return;
    if (!profile.believesReservedSources && isReserved(source, routes)) return;
    if (routes.isBroadcast(destination) || isLoopback(destination)) return;
    if (isMulticast(destination)) {
      this.#deliverFromGroup(packet, destination);
      return;
    }
    packet.mark = marks.markOf(packet);
    const route = routes.ipv4.arrival(destination, packet.mark);
    packet.local = route.kind === 'local';
    if (packet.headerLength > IPV4.headerLength) {
      // A host records the address it was reached by; a router does so later, when it knows what it sends.
      const verdict = readOptions(packet, packet.local ? destination : undefined);
      if (verdict === 'source-routed') return;
      if (verdict !== 'accepted') {
        errors.send(packet, ICMP_ERROR.parameterProblem, verdict.problemAt * 2 ** 24);
        return;
      }
    }
    if (packet.local) this.#deliver(packet);
    else this.#forward(packet, route);
  }

  /** To one of the director's addresses: the balancer first, the director's own stack for what it leaves. */
  #deliver(fragmentOrWhole: PacketBuffer): void {
    const { ipvs, stack, reassembly } = this.#options;
    const packet = fragmentOrWhole.isFragment ? reassembly.add(fragmentOrWhole) : fragmentOrWhole;
    if (packet !== undefined && ipvs.localIn(packet) !== 'done') stack.receive(packet);
  }

  /** To a group that the director listens to on this port. The balancer does not look at such packets. */
  #deliverFromGroup(received: PacketBuffer, group: number): void {
    const { multicast, reassembly } = this.#options;
    if (!multicast.isMember(received.port, group)) return;
    // An error about a packet to many is not sent (RFC 1122 §3.2.2).
    const hasOptions = received.headerLength > IPV4.headerLength;
    if (hasOptions && readOptions(received, group) !== 'accepted') return;
    const packet = received.isFragment ? reassembly.add(received) : received;
    if (packet !== undefined) multicast.receive(packet, group);
  }

  /** To somebody else: routed (RFC 1812 §5.2), seen by the balancer on its way. */
  #forward(fragmentOrWhole: PacketBuffer, route: Route<number>): void {
    const { ipvs, routes, output, errors, stack, reassembly } = this.#options;
    if (route.kind !== 'unicast') {
      errors.send(fragmentOrWhole, ICMP_ERROR.networkUnreachable);
      return;
    }
    if (fragmentOrWhole.ttl <= 1) {
      errors.send(fragmentOrWhole, ICMP_ERROR.timeExceeded);
      return;
    }
    if (fragmentOrWhole.dontFragment && fragmentOrWhole.length > route.mtu) {
      errors.send(fragmentOrWhole, ICMP_ERROR.fragmentationNeeded, route.mtu);
      return;
    }
    decrementTtl(fragmentOrWhole);
    const mustBeWhole = fragmentOrWhole.isFragment && ipvs.isOn(4) && LOOKED_INTO.has(fragmentOrWhole.protocol);
    const packet = mustBeWhole ? reassembly.add(fragmentOrWhole) : fragmentOrWhole;
    if (packet === undefined) return;
    const relayed = ipvs.forward(packet);
    if (relayed === 'pass') {
      if (packet.headerLength > IPV4.headerLength) {
        // The address that the packet leaves from: that of the wire, or the virtual one of a response (net/ipv4/route.c:ip_rt_get_source).
        const source = packet.view.getUint32(packet.start + IPV4.source);
        readOptions(packet, routes.isLocal(source) ? source : route.source);
      }
      output.send(packet, route);
    } else if (relayed === 'local') stack.receive(packet);
  }
}

/** RFC 1812 §5.2.2: a header that is wholly there and right. What stands behind the datagram in its frame is cut off. */
function isSound(packet: PacketBuffer): boolean {
  const { view, start } = packet;
  if (packet.length < IPV4.headerLength) return false;
  const headerLength = packet.headerLength;
  const totalLength = view.getUint16(start + IPV4.totalLength);
  if (view.getUint8(start + IPV4.versionAndLength) >> 4 !== 4 || headerLength < IPV4.headerLength) return false;
  if (totalLength < headerLength || totalLength > packet.length) return false;
  if (internetChecksum(view, start, headerLength) !== 0) return false;
  packet.end = start + totalLength;
  return true;
}

/** RFC 1812 §5.3.7: a source that cannot be true: one of our own addresses, a loopback or multicast one, none at all or everybody. */
function isMartian(source: number, routes: Routes): boolean {
  return routes.isLocal(source) || isLoopback(source) || isMulticast(source) || source === 0 || source === 0xffffffff;
}

/** RFC 1812 §4.2.2.11, §5.3.7: nor can these be, by the letter: network 0, class E, the broadcast address of a network. */
function isReserved(source: number, routes: Routes): boolean {
  return routes.isBroadcast(source) || source >>> 24 === 0 || source >>> 28 === 0xf;
}

/** RFC 1112 §4: the groups' addresses are of class D. */
export const isMulticast = (address: number): boolean => address >>> 28 === 0xe;

/** RFC 1122 §3.2.1.3: 127.0.0.0/8 must not appear on a wire. */
const isLoopback = (address: number): boolean => address >>> 24 === 127;
