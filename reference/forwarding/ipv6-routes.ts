import { speaksIpv6, type Environment } from '../environment.ts';
import { MalformedInput } from '../errors.ts';
import { parseMac } from '../wire/address.ts';
import { isIpv6, parseAddress, parseNetwork } from '../wire/ip-address.ts';
import { linkLocalOf, parseIpv6, solicitedNodeOf } from '../wire/ipv6-address.ts';
import { commonPrefix6, isLinkLocal6, isMulticast6, LOOPBACK6 } from './ipv6-scope.ts';
import type { Route, UnicastRoute } from './route.ts';
import { sourceAddress, type Candidate } from './source-address.ts';

interface Entry {
  readonly network: bigint;
  readonly length: number;
  readonly port: number;
  /** Absent: on link. */
  readonly via: bigint | undefined;
}

const HOST = 128;
/** Networks of one or two addresses have none to spare for their routers (RFC 6164 §3). */
const LONGEST_WITH_ANYCAST = 126;
/** All nodes and all routers on this wire (RFC 4291 §2.7.1; net/ipv6/addrconf.c:ipv6_add_dev). */
const ROUTERS_GROUPS = ['ff02::1', 'ff02::2'].map(parseIpv6);

/** The director's addresses and routing table of IPv6. */
export class Ipv6Routes {
  /** Whether the host speaks IPv6 at all. */
  readonly isOn: boolean;
  readonly #linkLocal: readonly bigint[];
  readonly #networks: readonly (readonly Candidate[])[];
  readonly #entries: Entry[] = [];
  readonly #mtus: readonly number[];
  readonly #everythingOnLink: boolean;
  /** By port, the best first: those added last, then the link-local one. */
  #addresses: readonly (readonly Candidate[])[] = [];
  #local: ReadonlySet<bigint> = new Set();
  #anycast: ReadonlySet<bigint> = new Set();
  readonly #cache = new Map<bigint, Route<bigint>>();

  /** @throws MalformedInput for an address or a prefix that is none, and for a gateway that is on no port's network */
  constructor(environment: Environment) {
    this.isOn = speaksIpv6(environment);
    this.#everythingOnLink = environment.neighbours === 'derived';
    this.#mtus = environment.ports.map(({ mtu }) => mtu);
    this.#linkLocal = environment.ports.map(({ mac }) => linkLocalOf(parseMac(mac)));
    this.#networks = environment.ports.map(({ addresses }) => addresses.flatMap(network6));
    this.setVirtualAddresses(environment.virtualAddresses);
    if (this.#everythingOnLink) return;
    this.#networks.forEach((networks, port) => {
      for (const { address, length } of networks)
        this.#entries.push({ network: address, length, port, via: undefined });
    });
    for (const { destination, via } of environment.routes) {
      const gateway = parseAddress(via);
      const [network] = network6(destination);
      if (network === undefined || !isIpv6(gateway)) continue;
      const link = this.#entries.find((entry) => entry.via === undefined && contains(entry, gateway));
      if (link === undefined) {
        throw new MalformedInput(`route to ${destination}: the gateway ${via} is on no network of a port`);
      }
      this.#entries.push({ network: network.address, length: network.length, port: link.port, via: gateway });
    }
    this.#entries.sort((a, b) => b.length - a.length);
  }

  /**
   * They are on every port, as neighbour discovery is about the addresses of an interface (RFC 4861 §7.2.3), and deprecated, as keepalived
   * makes them: a tunnel's packets from the virtual address would be dropped by a real server, which has it too.
   */
  setVirtualAddresses(addresses: readonly string[]): void {
    const virtual = addresses.flatMap((text) => {
      const address = parseAddress(text);
      return isIpv6(address) ? [{ address, length: HOST, deprecated: true as const }] : [];
    });
    this.#addresses = this.#networks.map((networks, port) => [
      // Of one scope the newest stands first (net/ipv6/addrconf.c:ipv6_link_dev_addr).
      ...[...networks, ...virtual].reverse(),
      { address: this.#linkLocal[port] ?? 0n, length: 64 },
    ]);
    this.#local = new Set([LOOPBACK6, ...this.#addresses.flat().map(({ address }) => address)]);
    // A router answers to a network's lowest address, too (RFC 4291 §2.6.1).
    this.#anycast = new Set(
      this.#everythingOnLink
        ? []
        : this.#networks
            .flat()
            .filter(({ length }) => length <= LONGEST_WITH_ANYCAST)
            .map(({ address, length }) => firstOf(address, length)),
    );
    this.#cache.clear();
  }

  /** One of the director's own addresses, on whichever port. */
  isLocal(address: bigint): boolean {
    return this.#local.has(address);
  }

  /** The lowest address of a network, which stands for any of its routers. */
  isAnycast(address: bigint): boolean {
    return this.#anycast.has(address);
  }

  /** Whether one of that port's networks begins with this address. */
  hasAnycast(port: number, address: bigint): boolean {
    return (
      this.isAnycast(address) &&
      (this.#networks[port]?.some((network) => firstOf(network.address, network.length) === address) ?? false)
    );
  }

  /** Whether a packet that came in there may speak of this address as the director's: of link-local ones only that port's. */
  isOwn(port: number, address: bigint): boolean {
    return isLinkLocal6(address) ? this.#linkLocal[port] === address : this.isLocal(address);
  }

  /** Whether neighbour discovery on that port is about this address. */
  hasAddress(port: number, address: bigint): boolean {
    return this.#addresses[port]?.some((own) => own.address === address) ?? false;
  }

  /** Whether the director listens to a multicast group on that port (RFC 4291 §2.8). */
  listensTo(port: number, group: bigint): boolean {
    const own = this.#addresses[port] ?? [];
    if (ROUTERS_GROUPS.includes(group) || own.some(({ address }) => solicitedNodeOf(address) === group)) return true;
    const networks = this.#networks[port] ?? [];
    return networks.some(({ address, length }) => solicitedNodeOf(firstOf(address, length)) === group);
  }

  linkLocal(port: number): bigint {
    return this.#linkLocal[port] ?? 0n;
  }

  /** The port's own address for packets to `destination`. */
  source(port: number, destination: bigint): bigint {
    return sourceAddress(this.#addresses[port] ?? [], destination);
  }

  /** `port` is the wire that a link-local destination is on. */
  lookup(destination: bigint, port: number): Route<bigint> {
    if (isLinkLocal6(destination) || isMulticast6(destination)) return this.#onWire(destination, port);
    const cached = this.#cache.get(destination);
    if (cached !== undefined) return cached;
    const route = this.#lookup(destination);
    // A cache without bound would let a sender of random addresses fill the memory.
    if (this.#cache.size >= 65536) this.#cache.clear();
    this.#cache.set(destination, route);
    return route;
  }

  #onWire(destination: bigint, port: number): Route<bigint> {
    if (this.isOwn(port, destination)) return { kind: 'local', address: destination };
    return port < 0 ? { kind: 'unreachable' } : this.onLink(port, destination);
  }

  #lookup(destination: bigint): Route<bigint> {
    if (this.isLocal(destination) || this.isAnycast(destination)) return { kind: 'local', address: destination };
    if (this.#everythingOnLink) return this.onLink(0, destination);
    const entry = this.#entries.find((candidate) => contains(candidate, destination));
    return entry === undefined
      ? { kind: 'unreachable' }
      : this.#unicast(entry.port, entry.via ?? destination, destination);
  }

  /** The way by that port alone. */
  lookupOn(port: number, destination: bigint): Route<bigint> {
    const route = this.lookup(destination, port);
    if (route.kind !== 'unicast' || route.port === port) return route;
    const entry = this.#entries.find((candidate) => candidate.port === port && contains(candidate, destination));
    return entry === undefined ? { kind: 'unreachable' } : this.#unicast(port, entry.via ?? destination, destination);
  }

  /** The way to a neighbour of a port, whatever the routing table says. */
  onLink(port: number, nextHop: bigint): UnicastRoute<bigint> {
    return this.#unicast(port, nextHop, nextHop);
  }

  #unicast(port: number, nextHop: bigint, destination: bigint): UnicastRoute<bigint> {
    const source = this.source(port, destination);
    return { kind: 'unicast', port, nextHop, source, mtu: this.#mtus[port] ?? 1500 };
  }

  /** Length of the prefix by which the destination is routed; it decides how many errors it may get. */
  prefixLength(destination: bigint): number {
    if (isLinkLocal6(destination)) return 64;
    return this.#entries.find((candidate) => contains(candidate, destination))?.length ?? 0;
  }
}

/** The network of a text, if it is one of IPv6. */
function network6(text: string): Candidate[] {
  const { address, length } = parseNetwork(text);
  return isIpv6(address) ? [{ address, length }] : [];
}

const contains = ({ network, length }: Entry, address: bigint): boolean => commonPrefix6(network, address) >= length;

function firstOf(address: bigint, length: number): bigint {
  const rest = BigInt(HOST - length);
  return (address >> rest) << rest;
}
