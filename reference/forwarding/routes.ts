import type { Environment } from '../environment.ts';
import { parseIpv4, parsePrefix } from '../wire/address.ts';

/** Where a packet goes. */
export type Route =
  { readonly kind: 'local'; readonly address: number } | { readonly kind: 'unreachable' } | UnicastRoute;

export interface UnicastRoute {
  readonly kind: 'unicast';
  readonly port: number;
  /** The neighbour that gets the frame. */
  readonly nextHop: number;
  /** The director's address of first choice on that port. */
  readonly source: number;
  /** Bytes; may be lowered by a path MTU that was learnt. */
  readonly mtu: number;
}

interface Entry {
  readonly network: number;
  readonly mask: number;
  readonly prefixLength: number;
  readonly port: number;
  /** 0: on link. */
  readonly via: number;
}

/** Bytes; the kernel believes in no smaller path MTU (`net.ipv4.route.min_pmtu`). */
const SMALLEST_PATH_MTU = 552;

/** The director's routing table: longest prefix first. */
export class Routes {
  readonly #local = new Set<number>();
  readonly #broadcast = new Set<number>([0xffffffff, 0]);
  readonly #entries: Entry[] = [];
  readonly #mtus: readonly number[];
  readonly #sources: readonly number[];
  readonly #everythingOnLink: boolean;
  readonly #pathMtus = new Map<number, number>();
  readonly #cache = new Map<number, Route>();

  constructor(environment: Environment) {
    this.#everythingOnLink = environment.neighbours === 'derived';
    this.#mtus = environment.ports.map((port) => port.mtu);
    // A port without an address speaks from another of the host's (`devinet.c:inet_select_addr`).
    const [virtual = '0.0.0.0'] = environment.virtualAddresses;
    this.#sources = environment.ports.map((port) => parsePrefix(port.addresses[0] ?? `${virtual}/32`).address);
    environment.ports.forEach(({ addresses }, port) => {
      for (const prefix of addresses.map(parsePrefix)) {
        const network = (prefix.address & prefix.mask) >>> 0;
        this.#local.add(prefix.address);
        this.#broadcast.add((network | ~prefix.mask) >>> 0).add(network);
        this.#entries.push({ network, mask: prefix.mask, prefixLength: prefix.length, port, via: 0 });
      }
    });
    for (const address of environment.virtualAddresses) this.#local.add(parseIpv4(address));
    for (const { destination, via } of environment.routes) {
      const { address, mask, length } = parsePrefix(destination);
      const gateway = parseIpv4(via);
      const link = this.#entries.find((entry) => entry.via === 0 && (gateway & entry.mask) >>> 0 === entry.network);
      if (link !== undefined) {
        this.#entries.push({
          network: (address & mask) >>> 0,
          mask,
          prefixLength: length,
          port: link.port,
          via: gateway,
        });
      }
    }
    this.#entries.sort((a, b) => b.prefixLength - a.prefixLength);
  }

  /** One of the director's own addresses, the virtual ones and 127.0.0.0/8 included. */
  isLocal(address: number): boolean {
    return this.#local.has(address) || address >>> 24 === 127;
  }

  /** The limited broadcast address, and first and last address of every network. */
  get broadcastAddresses(): ReadonlySet<number> {
    return this.#broadcast;
  }

  isBroadcast(address: number): boolean {
    return this.#broadcast.has(address);
  }

  lookup(address: number): Route {
    const cached = this.#cache.get(address);
    if (cached !== undefined) return cached;
    const route = this.#lookup(address);
    // A cache without bound would let a sender of random addresses fill the memory.
    if (this.#cache.size >= 65536) this.#cache.clear();
    this.#cache.set(address, route);
    return route;
  }

  /** A router on the path to `address` said that no larger packet fits (RFC 1191 §6.3). */
  learnPathMtu(address: number, mtu: number): void {
    this.#pathMtus.set(address, Math.max(mtu, SMALLEST_PATH_MTU));
    this.#cache.delete(address);
  }

  #lookup(address: number): Route {
    if (this.isLocal(address)) return { kind: 'local', address };
    const entry = this.#everythingOnLink
      ? { port: 0, via: 0 }
      : this.#entries.find(({ network, mask }) => (address & mask) >>> 0 === network);
    if (entry === undefined) return { kind: 'unreachable' };
    const mtu = this.#mtus[entry.port] ?? 1500;
    return {
      kind: 'unicast',
      port: entry.port,
      nextHop: entry.via === 0 ? address : entry.via,
      source: this.#sources[entry.port] ?? 0,
      mtu: Math.min(mtu, this.#pathMtus.get(address) ?? mtu),
    };
  }
}
