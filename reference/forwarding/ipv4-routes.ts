import type { Clock, Task } from '../clock.ts';
import type { Environment, PortConfiguration } from '../environment.ts';
import { MalformedInput } from '../errors.ts';
import { parseIpv4, parsePrefix } from '../wire/address.ts';
import type { Route, UnicastRoute } from './route.ts';

interface Entry {
  readonly network: number;
  readonly mask: number;
  readonly prefixLength: number;
  readonly port: number;
  /** 0: on link. */
  readonly via: number;
}

interface PathMtu {
  readonly mtu: number;
  readonly expiry: Task;
}

/** Bytes: RFC 791 §3.2 asks every link to carry 68, and no datagram is larger than 65535. */
export const SMALLEST_MTU = 68;
const LARGEST_MTU = 65535;
const DEFAULT_MTU = 1500;
/** Bytes; the kernel believes in no smaller path MTU (`net.ipv4.route.min_pmtu`). */
const SMALLEST_PATH_MTU = 552;
/** Milliseconds that a path MTU is believed (RFC 1191 §6.3; `net.ipv4.route.mtu_expires`). */
const PATH_MTU_LIFE = 600_000;

/** The director's routing table of IPv4: longest prefix first. */
export class Ipv4Routes {
  /** Keys are addresses as signed numbers: those need no box in the heap, and this is asked for every packet. */
  #localKeys: ReadonlySet<number> = new Set();
  /** Those that the ports have, so that the virtual ones can be exchanged. */
  readonly #portKeys = new Set<number>();
  readonly #broadcast = new Set<number>([0xffffffff, 0]);
  readonly #broadcastKeys: ReadonlySet<number>;
  readonly #entries: Entry[] = [];
  readonly #mtus: readonly number[];
  readonly #sources: readonly number[];
  readonly #everythingOnLink: boolean;
  readonly #localRoutes: readonly { readonly network: number; readonly mask: number; readonly mark: number }[];
  readonly #pathMtus = new Map<number, PathMtu>();
  readonly #cacheByKey = new Map<number, Route<number>>();
  readonly #clock: Clock;

  /** @throws MalformedInput for an address, prefix or MTU that is none, and for a gateway that is on no port's network */
  constructor(environment: Environment, clock: Clock) {
    this.#clock = clock;
    environment.ports.forEach(checkMtu);
    this.#localRoutes = (environment.localRoutes ?? []).map(({ destination, mark = 0 }) => {
      const { address, mask } = parsePrefix(destination);
      return { network: (address & mask) >>> 0, mask, mark };
    });
    this.#everythingOnLink = environment.neighbours === 'derived';
    this.#mtus = environment.ports.map((port) => port.mtu);
    // A port without an address speaks from another of the host's (`devinet.c:inet_select_addr`).
    const [virtual = '0.0.0.0'] = environment.virtualAddresses.filter(isIpv4Text);
    this.#sources = environment.ports.map(
      (port) => parsePrefix(port.addresses.find(isIpv4Text) ?? `${virtual}/32`).address,
    );
    environment.ports.forEach(({ addresses }, port) => {
      for (const prefix of addresses.filter(isIpv4Text).map(parsePrefix)) {
        const network = (prefix.address & prefix.mask) >>> 0;
        this.#portKeys.add(prefix.address | 0);
        // RFC 3021 §2.1: a network of one or two addresses has none to spare for broadcasts. The lowest of any network is a host's,
        // since Linux 5.14 (net/ipv4/fib_frontend.c:fib_add_ifaddr).
        if (prefix.length < 31) this.#broadcast.add((network | ~prefix.mask) >>> 0);
        this.#entries.push({ network, mask: prefix.mask, prefixLength: prefix.length, port, via: 0 });
      }
    });
    this.#broadcastKeys = new Set([...this.#broadcast].map((address) => address | 0));
    this.setVirtualAddresses(environment.virtualAddresses);
    for (const { destination, via } of this.#everythingOnLink ? [] : environment.routes) {
      if (!isIpv4Text(destination)) continue;
      const { address, mask, length } = parsePrefix(destination);
      const gateway = parseIpv4(via);
      const link = this.#entries.find((entry) => entry.via === 0 && (gateway & entry.mask) >>> 0 === entry.network);
      if (link === undefined) {
        throw new MalformedInput(`route to ${destination}: the gateway ${via} is on no network of a port`);
      }
      const network = (address & mask) >>> 0;
      this.#entries.push({ network, mask, prefixLength: length, port: link.port, via: gateway });
    }
    this.#entries.sort((a, b) => b.prefixLength - a.prefixLength);
  }

  /** Addresses that are the director's on no port. */
  setVirtualAddresses(addresses: readonly string[]): void {
    this.#localKeys = new Set([
      ...this.#portKeys,
      ...addresses.filter(isIpv4Text).map((address) => parseIpv4(address) | 0),
    ]);
    this.#cacheByKey.clear();
  }

  /** One of the director's own addresses, the virtual ones, 127.0.0.0/8 and whatever the local table has included. */
  isLocal(address: number): boolean {
    return this.#localKeys.has(address | 0) || address >>> 24 === 127 || this.#hasLocalRoute(address, 0);
  }

  /** The limited broadcast address, and the last address of every network. */
  get broadcastAddresses(): ReadonlySet<number> {
    return this.#broadcast;
  }

  isBroadcast(address: number): boolean {
    return this.#broadcastKeys.has(address | 0);
  }

  /** The way to a neighbour of a port, whatever the routing table says: multicast packets name their port. */
  onLink(port: number, nextHop: number): UnicastRoute<number> {
    const [source, mtu] = [this.#sources[port] ?? 0, this.#mtus[port] ?? DEFAULT_MTU];
    return { kind: 'unicast', port, nextHop, source, mtu };
  }

  /** Where a packet that arrived goes: its mark may have it delivered here (ip-rule(8), fwmark). */
  arrival(address: number, mark: number): Route<number> {
    return mark !== 0 && this.#hasLocalRoute(address, mark) ? { kind: 'local', address } : this.lookup(address);
  }

  #hasLocalRoute(address: number, mark: number): boolean {
    return this.#localRoutes.some((route) => route.mark === mark && (address & route.mask) >>> 0 === route.network);
  }

  lookup(address: number): Route<number> {
    const cached = this.#cacheByKey.get(address | 0);
    if (cached !== undefined) return cached;
    const route = this.#lookup(address);
    // A cache without bound would let a sender of random addresses fill the memory.
    if (this.#cacheByKey.size >= 65536) this.#cacheByKey.clear();
    this.#cacheByKey.set(address | 0, route);
    return route;
  }

  /**
   * A router on the path to `address` said that no larger packet fits. RFC 1191 §6.3: such news lowers the path MTU, never raises it;
   * only time does (net/ipv4/route.c:__ip_rt_update_pmtu).
   */
  learnPathMtu(address: number, reported: number): void {
    const route = this.lookup(address);
    if (route.kind !== 'unicast' || route.mtu < reported) return;
    const before = this.#pathMtus.get(address);
    if (before !== undefined) this.#clock.cancel(before.expiry);
    const expiry = this.#clock.schedule(PATH_MTU_LIFE, () => {
      this.#pathMtus.delete(address);
      this.#cacheByKey.delete(address | 0);
    });
    this.#pathMtus.set(address, { mtu: Math.max(reported, SMALLEST_PATH_MTU), expiry });
    this.#cacheByKey.delete(address | 0);
  }

  #lookup(address: number): Route<number> {
    if (this.isLocal(address)) return { kind: 'local', address };
    const entry = this.#everythingOnLink
      ? { port: 0, via: 0 }
      : this.#entries.find(({ network, mask }) => (address & mask) >>> 0 === network);
    if (entry === undefined) return { kind: 'unreachable' };
    const mtu = this.#mtus[entry.port] ?? DEFAULT_MTU;
    return {
      kind: 'unicast',
      port: entry.port,
      nextHop: entry.via === 0 ? address : entry.via,
      source: this.#sources[entry.port] ?? 0,
      mtu: Math.min(mtu, this.#pathMtus.get(address)?.mtu ?? mtu),
    };
  }
}

/** Whatever has no colon: what is no address at all is refused here. */
const isIpv4Text = (text: string): boolean => !text.includes(':');

function checkMtu({ name, mtu }: PortConfiguration): void {
  if (!Number.isInteger(mtu) || mtu < SMALLEST_MTU || mtu > LARGEST_MTU) {
    throw new MalformedInput(`port ${name}: an MTU of ${mtu} is none; use ${SMALLEST_MTU} to ${LARGEST_MTU}`);
  }
}
