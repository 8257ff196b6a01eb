import { multicastMacOf, solicitedNodeOf, readIpv6, writeIpv6 } from '../wire/ipv6-address.ts';
import { readMac, writeMac } from '../wire/address.ts';
import { ETHERNET, ETHER_TYPE } from '../wire/ethernet.ts';
import { ADVERTISEMENT, ICMP6, ICMP6_TYPE } from '../wire/icmpv6.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import { parseIpv6 } from '../wire/ipv6-address.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { LINK_LAYER_OPTION, NEIGHBOUR } from '../wire/neighbour-discovery.ts';
import { icmpv6Message } from './icmpv6-message.ts';
import type { Ipv6Routes } from './ipv6-routes.ts';
import { isMulticast6, UNSPECIFIED6 } from './ipv6-scope.ts';
import type { KnownNeighbours } from './neighbours.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { UnicastRoute } from './route.ts';

/** RFC 4861 §7.1: a message with less has passed a router. */
const HOP_LIMIT = 255;
const ALL_NODES = parseIpv6('ff02::1');
/** `ff02::1:ff00:0/104`. */
const SOLICITED_NODES = parseIpv6('ff02::1:ff00:0') >> 24n;
const OPTION_UNIT = 8;
const ETHERNET_OPTION = OPTION_UNIT;

export interface NeighbourDiscoveryOptions {
  readonly macs: readonly number[];
  readonly routes: Ipv6Routes;
  readonly transmit: (port: number, frame: Uint8Array) => void;
  /** Sends a packet of the director's own to a neighbour on that port. */
  readonly send: (packet: PacketBuffer, port: number) => void;
}

/** Neighbour discovery (RFC 4861): who has an IPv6 address on this wire? */
export class NeighbourDiscovery {
  readonly #options: NeighbourDiscoveryOptions;

  constructor(options: NeighbourDiscoveryOptions) {
    this.#options = options;
  }

  /** Asks the group of all who may have the route's next hop, because of `packet` (net/ipv6/ndisc.c:ndisc_solicit). */
  ask(route: UnicastRoute, packet: PacketBuffer): void {
    const { routes, macs, transmit } = this.#options;
    const { port, nextHop } = route;
    const { source } = packet;
    if (!isIpv6(nextHop)) return;
    const group = solicitedNodeOf(nextHop);
    const solicitation = icmpv6Message({
      // RFC 4861 §7.2.2: a packet's own source address if it is ours, else one that serves here.
      source: isIpv6(source) && routes.hasAddress(port, source) ? source : routes.linkLocal(port),
      destination: group,
      hopLimit: HOP_LIMIT,
      typeAndCode: ICMP6_TYPE.neighbourSolicitation << 8,
      rest: 0,
      body: messageBody(nextHop, LINK_LAYER_OPTION.source, macs[port] ?? 0),
    });
    const frame = solicitation.start - ETHERNET.headerLength;
    writeMac(solicitation.view, frame + ETHERNET.destination, multicastMacOf(group));
    writeMac(solicitation.view, frame + ETHERNET.source, macs[port] ?? 0);
    solicitation.view.setUint16(frame + ETHERNET.type, ETHER_TYPE.ipv6);
    transmit(port, solicitation.upToEnd(frame));
  }

  /** Handles a message whose checksum is right (net/ipv6/ndisc.c:ndisc_rcv). */
  receive(packet: PacketBuffer, neighbours: KnownNeighbours): void {
    const { view, transport, transportLength, ttl } = packet;
    if (ttl !== HOP_LIMIT || view.getUint8(transport + ICMP6.code) !== 0) return;
    if (transportLength < ICMP6.headerLength + NEIGHBOUR.shortLength) return;
    const target = readIpv6(view, transport + ICMP6.headerLength + NEIGHBOUR.target);
    if (isMulticast6(target)) return;
    const type = view.getUint8(transport + ICMP6.type);
    if (type === ICMP6_TYPE.neighbourSolicitation) this.#solicitation(packet, target, neighbours);
    else if (type === ICMP6_TYPE.neighbourAdvertisement) this.#advertisement(packet, target, neighbours);
  }

  /** RFC 4861 §7.2.3, §7.2.4 (net/ipv6/ndisc.c:ndisc_recv_ns). */
  #solicitation(packet: PacketBuffer, target: bigint, neighbours: KnownNeighbours): void {
    const { routes } = this.#options;
    const { port, view, start } = packet;
    const source = readIpv6(view, start + IPV6.source);
    const destination = readIpv6(view, start + IPV6.destination);
    // Somebody wants to know whether the address is free (RFC 4862 §5.4): he has none yet to say where he is.
    const isProbe = source === UNSPECIFIED6;
    if (isProbe && destination >> 24n !== SOLICITED_NODES) return;
    const mac = linkLayerAddress(packet, LINK_LAYER_OPTION.source);
    if (mac === 'broken' || (isProbe && mac !== undefined)) return;
    if (!routes.hasAddress(port, target) && !routes.hasAnycast(port, target)) return;
    const toMany = isMulticast6(destination);
    // Who asked everybody may have an old answer; an anycast address overrides none (RFC 4861 §7.2.7).
    const override = toMany && routes.hasAddress(port, target) ? ADVERTISEMENT.override : 0;
    if (isProbe) {
      this.#advertise(port, ALL_NODES, target, ADVERTISEMENT.router | override, true);
      return;
    }
    if (mac !== undefined) neighbours.learn(port, source, mac);
    else if (toMany && !neighbours.isWanted(port, source)) return;
    this.#advertise(port, source, target, ADVERTISEMENT.router | ADVERTISEMENT.solicited | override, toMany);
  }

  /** RFC 4861 §7.2.5 (net/ipv6/ndisc.c:ndisc_recv_na). */
  #advertisement(packet: PacketBuffer, target: bigint, neighbours: KnownNeighbours): void {
    const { routes } = this.#options;
    const { port, view, transport, start } = packet;
    const flags = view.getUint32(transport + ICMP6.rest);
    const isSolicited = (flags & ADVERTISEMENT.solicited) !== 0;
    if (isSolicited && isMulticast6(readIpv6(view, start + IPV6.destination))) return;
    const mac = linkLayerAddress(packet, LINK_LAYER_OPTION.target);
    // Somebody else who claims one of our addresses is not believed.
    if (mac === undefined || mac === 'broken' || routes.hasAddress(port, target)) return;
    // RFC 4861 §7.2.5: without the flag it only fills in what is not known.
    const mayOverride = (flags & ADVERTISEMENT.override) !== 0 || !neighbours.isKnown(port, target);
    if (mayOverride && neighbours.isWanted(port, target)) neighbours.learn(port, target, mac);
  }

  #advertise(port: number, destination: bigint, target: bigint, flags: number, withMac: boolean): void {
    const { routes, macs, send } = this.#options;
    const body = messageBody(target, LINK_LAYER_OPTION.target, macs[port] ?? 0);
    const advertisement = icmpv6Message({
      source: routes.hasAddress(port, target) ? target : routes.source(port, destination),
      destination,
      hopLimit: HOP_LIMIT,
      typeAndCode: ICMP6_TYPE.neighbourAdvertisement << 8,
      rest: flags >>> 0,
      body: withMac ? body : body.subarray(0, NEIGHBOUR.shortLength),
    });
    send(advertisement, port);
  }
}

function messageBody(target: bigint, option: number, mac: number): Uint8Array {
  const body = new Uint8Array(NEIGHBOUR.headerLength);
  const view = new DataView(body.buffer);
  writeIpv6(view, NEIGHBOUR.target, target);
  view.setUint8(NEIGHBOUR.option, option);
  view.setUint8(NEIGHBOUR.optionLength, 1);
  writeMac(view, NEIGHBOUR.mac, mac);
  return body;
}

/** The Ethernet address in a message's options (net/ipv6/ndisc.c:ndisc_parse_options). */
function linkLayerAddress({ view, transport, end }: PacketBuffer, kind: number): number | undefined | 'broken' {
  let found: number | undefined;
  let at = transport + ICMP6.headerLength + NEIGHBOUR.option;
  while (at < end) {
    const length = at + 1 < end ? view.getUint8(at + 1) * OPTION_UNIT : 0;
    if (length === 0 || at + length > end) return 'broken';
    if (view.getUint8(at) === kind && found === undefined) {
      if (length !== ETHERNET_OPTION) return 'broken';
      found = readMac(view, at + 2);
    }
    at += length;
  }
  return found;
}
