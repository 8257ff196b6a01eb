import type { Settings } from './administration/settings.ts';
import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import { Arp } from './forwarding/arp.ts';
import { Errors } from './forwarding/errors.ts';
import { IcmpErrors } from './forwarding/icmp-errors.ts';
import { Icmpv6Errors } from './forwarding/icmpv6-errors.ts';
import { IpOutput } from './forwarding/ip-output.ts';
import { Ipv6LocalStack } from './forwarding/ipv6-local-stack.ts';
import { LocalStack } from './forwarding/local-stack.ts';
import { Marks } from './forwarding/marks.ts';
import { Multicast } from './forwarding/multicast.ts';
import { NeighbourDiscovery } from './forwarding/neighbour-discovery.ts';
import { Neighbours } from './forwarding/neighbours.ts';
import { PacketBuffer } from './forwarding/packet-buffer.ts';
import { RateLimit } from './forwarding/rate-limit.ts';
import { ipv4ReassemblyRules, ipv6ReassemblyRules } from './forwarding/reassembly-rules.ts';
import { Reassembly } from './forwarding/reassembly.ts';
import { Redirects } from './forwarding/redirects.ts';
import type { Route } from './forwarding/route.ts';
import type { Routes } from './forwarding/routes.ts';
import { IpLayer, isMulticast } from './ip-layer.ts';
import { Ipv6Layer } from './ipv6-layer.ts';
import type { Ipvs } from './ipvs.ts';
import type { Profile } from './profile.ts';
import { parseMac, readMac } from './wire/address.ts';
import { ETHER_TYPE, ETHERNET } from './wire/ethernet.ts';
import { IPV4 } from './wire/ipv4.ts';
import { readIpv6 } from './wire/ipv6-address.ts';
import { IPV6 } from './wire/ipv6.ts';

const LARGEST_FRAME = ETHERNET.headerLength + 65535;

export interface NetworkOptions {
  readonly environment: Environment;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly routes: Routes;
  readonly transmit: (port: number, frame: Uint8Array) => void;
  /** Makes the balancer, which sends with what the network gives it. */
  readonly balancer: (network: Network) => Ipvs;
}

/** The host around the balancer: from a frame that arrives to those that leave, in both families. */
export class Network {
  readonly routes: Routes;
  readonly errors: Errors;
  readonly output: IpOutput;
  readonly multicast: Multicast;
  readonly #ipvs: Ipvs;
  readonly #ipv4: IpLayer;
  readonly #ipv6: Ipv6Layer;
  readonly #arp: Arp;
  readonly #neighbours: Neighbours;
  readonly #macs: readonly number[];
  /** The packet at work. Packets that wait, and those of the director's own, have buffers of their own. */
  readonly #packet = new PacketBuffer();
  #id = 0;

  /** @throws MalformedInput for an address or MAC in the environment that is none */
  constructor({ environment, profile, clock, settings, routes, transmit, balancer }: NetworkOptions) {
    this.routes = routes;
    const macs = environment.ports.map((port) => parseMac(port.mac));
    this.#macs = macs;
    const nextId = (): number => this.nextId();
    const send = (packet: PacketBuffer, port?: number, route?: Route): void => this.#sendOwn(packet, port, route);
    const limits = { ipv4: new RateLimit(clock), ipv6: new RateLimit(clock) };
    const ipv4Interval = (): number => settings.get('icmp_ratelimit');
    const icmp = new IcmpErrors({ routes, limit: limits.ipv4, interval: ipv4Interval, nextId, send });
    const ipv6Interval = (): number => settings.get('ipv6.icmp.ratelimit');
    const icmpv6 = new Icmpv6Errors({ routes: routes.ipv6, limit: limits.ipv6, interval: ipv6Interval, send });
    const errors = new Errors(icmp, icmpv6);
    this.errors = errors;
    this.#arp = new Arp({ macs, routes: routes.ipv4, transmit });
    const discovery = new NeighbourDiscovery({
      macs,
      routes: routes.ipv6,
      transmit,
      send: (packet, port) => this.#sendOnWire(packet, port),
    });
    this.#neighbours = new Neighbours({
      macs,
      routes,
      clock,
      derived: environment.neighbours === 'derived',
      transmit,
      ask: (route, packet) => (packet.family === 4 ? this.#arp : discovery).ask(route, packet),
      unreachable: (packet) => errors.unreachableNeighbour(packet),
    });
    this.output = new IpOutput({ neighbours: this.#neighbours, errors, nextId });
    const { output } = this;
    const multicast = new Multicast({ clock, routes: routes.ipv4, output, nextId });
    this.multicast = multicast;
    const ipvs = balancer(this);
    this.#ipvs = ipvs;
    const marks = new Marks(environment.marks ?? []);
    this.#ipv4 = new IpLayer({
      profile,
      ipvs,
      marks,
      routes,
      output,
      errors: icmp,
      multicast,
      stack: new LocalStack({ errors: icmp, nextId, send }),
      reassembly: new Reassembly(
        clock,
        ipv4ReassemblyRules((first) => icmp.reassemblyTimedOut(first)),
      ),
    });
    this.#ipv6 = new Ipv6Layer({
      ipvs,
      routes: routes.ipv6,
      output,
      errors: icmpv6,
      stack: new Ipv6LocalStack({
        routes: routes.ipv6,
        errors: icmpv6,
        discovery: (packet) => discovery.receive(packet, this.#neighbours),
        send,
      }),
      redirects: new Redirects({
        routes: routes.ipv6,
        limit: limits.ipv6,
        mac: (port, address) => this.#neighbours.mac(port, address),
        send,
      }),
      reassembly: new Reassembly(
        clock,
        ipv6ReassemblyRules((first) => icmpv6.reassemblyTimedOut(first)),
      ),
    });
  }

  /** Identification for a packet of the director's own. */
  nextId(): number {
    this.#id = (this.#id + 1) & 0xffff;
    return this.#id;
  }

  /** A frame arrived on a port. */
  receive(port: number, frame: Uint8Array): void {
    if (frame.length < ETHERNET.headerLength + IPV4.headerLength || frame.length > LARGEST_FRAME) return;
    const packet = this.#packet;
    packet.load(frame, ETHERNET.headerLength, port);
    const start = packet.start - ETHERNET.headerLength;
    const type = packet.view.getUint16(start + ETHERNET.type);
    const toUs = readMac(packet.view, start + ETHERNET.destination) === this.#macs[port];
    const toMany = (packet.view.getUint8(start + ETHERNET.destination) & 1) === 1;
    const toGroup = toMany && isMulticast(packet.view.getUint32(packet.start + IPV4.destination));
    if (type === ETHER_TYPE.ipv4 && (toUs || toGroup)) this.#ipv4.receive(packet);
    else if (type === ETHER_TYPE.ipv6 && (toUs || toMany)) {
      packet.toMany = toMany;
      this.#ipv6.receive(packet);
    } else if (type === ETHER_TYPE.arp && (toUs || toMany)) this.#arp.receive(port, frame, this.#neighbours);
  }

  /** A packet of the director's own goes to a neighbour on that port, whatever the routes say. */
  #sendOnWire(packet: PacketBuffer, port: number): void {
    if (this.#ipvs.localOut(packet) === 'done') return;
    this.output.send(packet, this.routes.ipv6.onLink(port, readIpv6(packet.view, packet.start + IPV6.destination)));
  }

  /** A packet of the director's own goes out (LOCAL_OUT); `port` is the wire that a link-local destination is on. */
  #sendOwn(packet: PacketBuffer, port?: number, way?: Route): void {
    // What was delivered here for its mark is answered by nobody: a host speaks from its own addresses only (route.c:ip_route_output_key_hash_rcu).
    if (packet.family === 4 && !this.routes.isLocal(packet.source)) return;
    if (this.#ipvs.localOut(packet) === 'done') return;
    const route = way ?? this.routes.lookup(packet.destination, port);
    if (route.kind === 'unicast') this.output.send(packet, route);
  }
}
