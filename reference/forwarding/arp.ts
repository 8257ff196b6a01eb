import { BROADCAST_MAC, readMac, writeMac } from '../wire/address.ts';
import { ARP, ARP_OPERATION, isIpv4Arp } from '../wire/arp.ts';
import { ETHERNET, ETHER_TYPE } from '../wire/ethernet.ts';
import { isIpv6, writeAddress, type Address } from '../wire/ip-address.ts';
import type { Ipv4Routes } from './ipv4-routes.ts';
import type { KnownNeighbours } from './neighbours.ts';
import type { PacketBuffer } from './packet-buffer.ts';
import type { UnicastRoute } from './route.ts';

export interface ArpOptions {
  readonly macs: readonly number[];
  readonly routes: Ipv4Routes;
  readonly transmit: (port: number, frame: Uint8Array) => void;
}

/** ARP (RFC 826): who has an IPv4 address on this wire? */
export class Arp {
  readonly #options: ArpOptions;

  constructor(options: ArpOptions) {
    this.#options = options;
  }

  /** Asks everybody on the wire for the route's next hop, because of `packet`. */
  ask(route: UnicastRoute, packet: PacketBuffer): void {
    const { source } = packet;
    // arp_announce 0: a packet's own source address if it is ours, else the port's (net/ipv4/arp.c:arp_solicit).
    const sender = !isIpv6(source) && this.#options.routes.isLocal(source) ? source : route.source;
    this.#transmit(route.port, BROADCAST_MAC, ARP_OPERATION.request, sender, 0, route.nextHop);
  }

  /** Handles an ARP frame (net/ipv4/arp.c:arp_process). */
  receive(port: number, frame: Uint8Array, neighbours: KnownNeighbours): void {
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
      if (sender !== 0) neighbours.learn(port, sender, senderMac);
      this.#transmit(port, senderMac, ARP_OPERATION.reply, target, senderMac, sender);
    } else if (sender !== 0 && neighbours.isWanted(port, sender)) {
      neighbours.learn(port, sender, senderMac);
    }
  }

  #transmit(port: number, to: number, operation: number, sender: Address, targetMac: number, target: Address): void {
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
    writeAddress(view, arp + ARP.senderAddress, sender);
    writeMac(view, arp + ARP.targetMac, targetMac);
    writeAddress(view, arp + ARP.targetAddress, target);
    this.#options.transmit(port, frame);
  }
}
