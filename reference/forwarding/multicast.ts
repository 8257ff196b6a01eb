import type { Clock } from '../clock.ts';
import { internetChecksum, pseudoHeaderSum } from '../wire/checksum.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { UDP, udpChecksum } from '../wire/udp.ts';
import { GroupMembership } from './group-membership.ts';
import { writeHeader } from './ip-header.ts';
import type { IpOutput } from './ip-output.ts';
import { udpChecksumHolds } from './local-stack.ts';
import { PacketBuffer } from './packet-buffer.ts';
import type { Ipv4Routes } from './ipv4-routes.ts';

/** What a multicast datagram of the director's own says of itself. */
export interface MulticastDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
}

export interface MulticastOptions {
  readonly clock: Clock;
  readonly routes: Ipv4Routes;
  readonly output: IpOutput;
  readonly nextId: () => number;
}

type Receiver = (data: Uint8Array) => void;

/** The director as a member of multicast groups, and as a sender to them (RFC 1112). What it sends does not come back to itself. */
export class Multicast {
  readonly #options: MulticastOptions;
  readonly #membership: GroupMembership;
  /** By port of the director, group and UDP port. */
  readonly #receivers = new Map<string, Receiver>();

  constructor(options: MulticastOptions) {
    this.#options = options;
    const { clock, routes, output } = options;
    this.#membership = new GroupMembership({
      clock,
      source: (port) => routes.onLink(port, 0).source,
      send: (port, group, packet) => output.send(packet, routes.onLink(port, group)),
    });
  }

  /** Joins the group, unless that was done before, and hands its datagrams to `receiver`. */
  listen(port: number, group: number, udpPort: number, receiver: Receiver): void {
    if (!this.isMember(port, group)) this.#membership.tell(port, group, 'join');
    this.#receivers.set(`${port} ${group} ${udpPort}`, receiver);
  }

  /** The opposite of {@link listen}: leaves the group where nobody else listens to it. */
  ignore(port: number, group: number, udpPort: number): void {
    this.#receivers.delete(`${port} ${group} ${udpPort}`);
    if (!this.isMember(port, group)) this.#membership.tell(port, group, 'leave');
  }

  isMember(port: number, group: number): boolean {
    for (const key of this.#receivers.keys()) if (key.startsWith(`${port} ${group} `)) return true;
    return false;
  }

  /** A whole datagram to a group. Where nobody listens it is dropped without a word (RFC 1122 §3.2.2). */
  receive(packet: PacketBuffer, group: number): void {
    if (packet.protocol !== PROTOCOL.udp || packet.transportLength < UDP.headerLength) return;
    const receiver = this.#receivers.get(`${packet.port} ${group} ${packet.destinationPort}`);
    if (receiver === undefined || !udpChecksumHolds(packet)) return;
    const end = packet.transport + packet.view.getUint16(packet.transport + UDP.length);
    receiver(packet.bytes.subarray(packet.transport + UDP.headerLength, end));
  }

  send(port: number, group: number, data: Uint8Array, { sourcePort, destinationPort, ttl }: MulticastDatagram): void {
    const { routes, output, nextId } = this.#options;
    const route = routes.onLink(port, group);
    const length = UDP.headerLength + data.length;
    const packet = new PacketBuffer(IPV4.headerLength + length);
    const { view, start } = packet;
    packet.end = start + IPV4.headerLength + length;
    const header = { protocol: PROTOCOL.udp, tos: 0, ttl, id: nextId(), dontFragment: false };
    writeHeader(packet, { ...header, source: route.source, destination: group });
    const udp = packet.transport;
    packet.bytes.set(data, udp + UDP.headerLength);
    view.setUint16(udp + UDP.sourcePort, sourcePort);
    view.setUint16(udp + UDP.destinationPort, destinationPort);
    view.setUint16(udp + UDP.length, length);
    const pseudo = pseudoHeaderSum(route.source, group, PROTOCOL.udp, length);
    view.setUint16(udp + UDP.checksum, udpChecksum(internetChecksum(view, udp, length, pseudo)));
    output.send(packet, route);
  }
}
