import type { Clock, Task } from '../clock.ts';
import { BROADCAST_MAC, derivedMac, multicastMac, writeMac } from '../wire/address.ts';
import { ETHERNET, ETHER_TYPE } from '../wire/ethernet.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { derivedMac6, multicastMacOf } from '../wire/ipv6-address.ts';
import { isMulticast6 } from './ipv6-scope.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { UnicastRoute } from './route.ts';
import type { Routes } from './routes.ts';

/** Three requests, a second apart; then the neighbour is held unreachable (`mcast_solicit`, `retrans_time_ms`). */
const REQUESTS = 3;
const REQUEST_INTERVAL = 1000;
/** Neighbours known, and neighbours asked for: a sender of false or of random addresses must not fill the memory. */
const MOST_KNOWN = 65536;
const MOST_ASKED = 1024;
/** Packets that wait for one neighbour; when one more comes the oldest gives way, as the kernel's queue does. */
const WAITING_PACKETS = 64;

interface Pending {
  readonly packets: PacketBuffer[];
  requests: number;
  timer: Task;
}

/** What ARP and neighbour discovery tell of neighbours. */
export interface KnownNeighbours {
  /** Unasked news is believed only about neighbours that matter already (arp_accept 0). */
  isWanted(port: number, address: Address): boolean;
  isKnown(port: number, address: Address): boolean;
  learn(port: number, address: Address, mac: number): void;
}

export interface NeighboursOptions {
  readonly macs: readonly number[];
  readonly routes: Routes;
  readonly clock: Clock;
  readonly derived: boolean;
  readonly transmit: (port: number, frame: Uint8Array) => void;
  /** Asks on the wire for the route's next hop, because of this packet. */
  readonly ask: (route: UnicastRoute, packet: PacketBuffer) => void;
  /** A packet could not be delivered: nobody answered for its next hop. */
  readonly unreachable: (packet: PacketBuffer) => void;
}

/** The last step of sending: which MAC has the next hop on this wire? */
export class Neighbours implements KnownNeighbours {
  readonly #options: NeighboursOptions;
  /** Port and address in one value → MAC. */
  readonly #known = new Map<number | bigint, number>();
  readonly #pending = new Map<number | bigint, Pending>();

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Sends the datagram to the route's next hop: at once if its MAC is known, else when it was found. */
  send(packet: PacketBuffer, route: UnicastRoute): void {
    const mac = this.mac(route.port, route.nextHop) ?? this.#group(route.nextHop);
    if (mac !== undefined) {
      this.#transmit(packet, route.port, mac);
      return;
    }
    const key = keyOf(route.port, route.nextHop);
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      if (pending.packets.length === WAITING_PACKETS) pending.packets.shift();
      pending.packets.push(packet.copy());
      return;
    }
    // The kernel's neighbour table overflows, too (`gc_thresh3`), and the packet is lost.
    if (this.#pending.size === MOST_ASKED) return;
    const first = packet.copy();
    this.#pending.set(key, { packets: [first], requests: 0, timer: this.#options.clock.schedule(0, () => undefined) });
    this.#ask(key, route, first);
  }

  /** The MAC address of a neighbour, if it is known. */
  mac(port: number, address: Address): number | undefined {
    return this.#options.derived ? derived(address) : this.#known.get(keyOf(port, address));
  }

  /** The MAC address of many at once. */
  #group(address: Address): number | undefined {
    if (isIpv6(address)) return isMulticast6(address) ? multicastMacOf(address) : undefined;
    if (address >>> 28 === 0xe) return multicastMac(address);
    return this.#options.routes.isBroadcast(address) ? BROADCAST_MAC : undefined;
  }

  isKnown(port: number, address: Address): boolean {
    return this.#known.has(keyOf(port, address));
  }

  isWanted(port: number, address: Address): boolean {
    const key = keyOf(port, address);
    return this.#known.has(key) || this.#pending.has(key);
  }

  learn(port: number, address: Address, mac: number): void {
    const key = keyOf(port, address);
    if (this.#known.size === MOST_KNOWN) this.#known.clear();
    this.#known.set(key, mac);
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    this.#options.clock.cancel(pending.timer);
    for (const packet of pending.packets) this.#transmit(packet, port, mac);
  }

  #ask(key: number | bigint, route: UnicastRoute, packet: PacketBuffer): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#options.clock.cancel(pending.timer);
    if (pending.requests === REQUESTS) {
      this.#pending.delete(key);
      pending.packets.forEach(this.#options.unreachable);
      return;
    }
    pending.requests++;
    pending.timer = this.#options.clock.schedule(REQUEST_INTERVAL, () => this.#ask(key, route, packet));
    this.#options.ask(route, packet);
  }

  #transmit(packet: PacketBuffer, port: number, mac: number): void {
    const frame = packet.start - ETHERNET.headerLength;
    writeMac(packet.view, frame + ETHERNET.destination, mac);
    writeMac(packet.view, frame + ETHERNET.source, this.#options.macs[port] ?? 0);
    packet.view.setUint16(frame + ETHERNET.type, packet.family === 4 ? ETHER_TYPE.ipv4 : ETHER_TYPE.ipv6);
    this.#options.transmit(port, packet.upToEnd(frame));
  }
}

/** Port and address in one value: for IPv4 and the first ports a small integer, which needs no box in the heap. */
function keyOf(port: number, address: Address): number | bigint {
  if (isIpv6(address)) return (BigInt(port) << 128n) | address;
  return port * 2 ** 32 + (address | 0);
}

/** The MAC address that everybody with this address has where none is asked for. */
function derived(address: Address): number {
  if (!isIpv6(address)) return address >>> 28 === 0xe ? multicastMac(address) : derivedMac(address);
  return isMulticast6(address) ? multicastMacOf(address) : derivedMac6(address);
}
