import type { Clock, Task } from '../clock.ts';
import { BROADCAST_MAC, derivedMac, readMac, writeMac } from '../wire/address.ts';
import { ARP, ARP_OPERATION, isIpv4Arp } from '../wire/arp.ts';
import { ETHERNET, ETHER_TYPE } from '../wire/ethernet.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { Routes, UnicastRoute } from './routes.ts';

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

export interface NeighboursOptions {
  readonly macs: readonly number[];
  readonly routes: Routes;
  readonly clock: Clock;
  readonly derived: boolean;
  readonly transmit: (port: number, frame: Uint8Array) => void;
  /** A packet could not be delivered: nobody answered for its next hop. */
  readonly unreachable: (packet: PacketBuffer) => void;
}

/** The last step of sending, and ARP (RFC 826): who has the next hop's address on this wire? */
export class Neighbours {
  readonly #options: NeighboursOptions;
  /** Port and address in one number → MAC. */
  readonly #known = new Map<number, number>();
  readonly #pending = new Map<number, Pending>();

  constructor(options: NeighboursOptions) {
    this.#options = options;
  }

  /** Sends the datagram to the route's next hop: at once if its MAC is known, else when ARP has found it. */
  send(packet: PacketBuffer, route: UnicastRoute): void {
    const key = keyOf(route.port, route.nextHop);
    const mac = this.#options.derived ? derivedMac(route.nextHop) : this.#known.get(key);
    if (mac !== undefined) {
      this.#transmit(packet, route.port, mac);
      return;
    }
    if (this.#options.routes.isBroadcast(route.nextHop)) {
      this.#transmit(packet, route.port, BROADCAST_MAC);
      return;
    }
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

  #ask(key: number, route: UnicastRoute, packet: PacketBuffer): void {
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
    // arp_announce 0: a packet's own source address if it is ours, else the port's (net/ipv4/arp.c:arp_solicit).
    const sender = this.#options.routes.isLocal(packet.source) ? packet.source : route.source;
    this.#transmitArp(route.port, BROADCAST_MAC, ARP_OPERATION.request, sender, 0, route.nextHop);
  }

  /** Handles an ARP frame (net/ipv4/arp.c:arp_process). */
  receive(port: number, frame: Uint8Array): void {
    if (frame.length < ETHERNET.headerLength + ARP.headerLength) return;
    const view = new DataView(frame.buffer, frame.byteOffset + ETHERNET.headerLength);
    if (!isIpv4Arp(view, 0, ARP.headerLength)) return;
    const operation = view.getUint16(ARP.operation);
    const senderMac = readMac(view, ARP.senderMac);
    const sender = view.getUint32(ARP.senderAddress);
    const target = view.getUint32(ARP.targetAddress);
    // Somebody else who claims one of our addresses is neither answered nor believed.
    if (this.#options.routes.isLocal(sender)) return;
    const forUs = this.#options.routes.isLocal(target) && target >>> 24 !== 127;
    if (operation === ARP_OPERATION.request && forUs) {
      if (sender !== 0) this.#learn(port, sender, senderMac);
      this.#transmitArp(port, senderMac, ARP_OPERATION.reply, target, senderMac, sender);
    } else if (sender !== 0 && this.#isWanted(port, sender)) {
      this.#learn(port, sender, senderMac);
    }
  }

  /** Unasked news is believed only about neighbours that matter already (arp_accept 0). */
  #isWanted(port: number, address: number): boolean {
    const key = keyOf(port, address);
    return this.#known.has(key) || this.#pending.has(key);
  }

  #learn(port: number, address: number, mac: number): void {
    const key = keyOf(port, address);
    if (this.#known.size === MOST_KNOWN) this.#known.clear();
    this.#known.set(key, mac);
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    this.#pending.delete(key);
    this.#options.clock.cancel(pending.timer);
    for (const packet of pending.packets) this.#transmit(packet, port, mac);
  }

  #transmit(packet: PacketBuffer, port: number, mac: number): void {
    const frame = packet.start - ETHERNET.headerLength;
    writeMac(packet.view, frame + ETHERNET.destination, mac);
    writeMac(packet.view, frame + ETHERNET.source, this.#options.macs[port] ?? 0);
    packet.view.setUint16(frame + ETHERNET.type, ETHER_TYPE.ipv4);
    this.#options.transmit(port, packet.upToEnd(frame));
  }

  #transmitArp(port: number, to: number, operation: number, sender: number, targetMac: number, target: number): void {
    const frame = new Uint8Array(ETHERNET.headerLength + ARP.headerLength);
    const view = new DataView(frame.buffer);
    const mac = this.#options.macs[port] ?? 0;
    writeMac(view, ETHERNET.destination, to);
    writeMac(view, ETHERNET.source, mac);
    view.setUint16(ETHERNET.type, ETHER_TYPE.arp);
    const arp = ETHERNET.headerLength;
    view.setUint16(arp + ARP.hardware, 1);
    view.setUint16(arp + ARP.protocol, ETHER_TYPE.ipv4);
    view.setUint8(arp + ARP.hardwareLength, 6);
    view.setUint8(arp + ARP.protocolLength, 4);
    view.setUint16(arp + ARP.operation, operation);
    writeMac(view, arp + ARP.senderMac, mac);
    view.setUint32(arp + ARP.senderAddress, sender);
    writeMac(view, arp + ARP.targetMac, targetMac);
    view.setUint32(arp + ARP.targetAddress, target);
    this.#options.transmit(port, frame);
  }
}

/** Port and address in one number: a small integer for the first ports, which needs no box in the heap. */
function keyOf(port: number, address: number): number {
  return port * 2 ** 32 + (address | 0);
}
