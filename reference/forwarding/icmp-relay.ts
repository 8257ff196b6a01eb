import type { Tunnel } from '../administration/command.ts';
import type { Settings } from '../administration/settings.ts';
import { METHOD, METHOD_MASK, NONE } from '../connections/connection-record.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import type { Profile } from '../profile.ts';
import { BALANCED } from '../protocols/balanced-protocols.ts';
import { internetChecksum } from '../wire/checksum.ts';
import { writeAddress, type Address } from '../wire/ip-address.ts';
import { ICMP, ICMP_TYPE, UNREACHABLE } from '../wire/icmp.ts';
import { IPV4, PROTOCOL } from '../wire/ipv4.ts';
import { IPV6 } from '../wire/ipv6.ts';
import { TCP } from '../wire/tcp.ts';
import type { Forwarder } from './forwarder.ts';
import type { Errors } from './errors.ts';
import { ICMP_ERROR } from './icmp-errors.ts';
import { icmpv6ChecksumHolds } from './icmpv6-message.ts';
import { rewriteAddress, type Side } from './ip-header.ts';
import type { IpOutput } from './ip-output.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { hasPorts, isRelatedError, quotedTuple, quotedPacket, type QuotedPacket } from './quoted-packet.ts';
import { SMALLEST_MTU } from './ipv4-routes.ts';
import type { Routes } from './routes.ts';
import { TUNNEL_OF_PROTOCOL, TUNNELS } from './tunnels/tunnels.ts';

/** Bytes of the two ports at the beginning of a transport header. */
const PORTS_LENGTH = 4;
const SOURCE_ROUTE_FAILED = (ICMP_TYPE.unreachable << 8) | UNREACHABLE.sourceRouteFailed;

/** `pass`: nothing of ours, or translated in place, and goes on. `local`: goes up the director's own stack. `done`: sent or dropped. */
export type Relayed = 'pass' | 'local' | 'done';

export interface IcmpRelayOptions {
  readonly profile: Profile;
  readonly settings: Settings;
  readonly tracker: ConnectionTracker;
  readonly forwarder: Forwarder;
  readonly routes: Routes;
  readonly output: IpOutput;
  readonly errors: Errors;
  /** The tunnel to a real server: of GUE with the tunnel's port, of the others with port 0. */
  readonly tunnelTo: (address: Address, port: number) => Tunnel | undefined;
  /** Schedules a connection for the packet that an error from the client quotes (`schedule_icmp`). */
  readonly schedule: (error: PacketBuffer, quote: QuotedPacket) => number | 'pass' | 'drop';
}

/** ICMP errors about balanced connections reach whoever can act on them, speaking of the addresses that he knows (ip_vs_core.c). */
export class IcmpRelay {
  readonly #options: IcmpRelayOptions;

  constructor(options: IcmpRelayOptions) {
    this.#options = options;
  }

  /**
   * An error from the servers' side, quoting a packet to a server. Under VS/NAT it is made to come from the virtual address, whoever
   * sent it, and to quote the packet as the client sent it (ip_vs_out_icmp). A message cut short is dropped.
   */
  towardsClient(packet: PacketBuffer): Relayed {
    if (isCutShort(packet)) return 'done';
    if (!isRelatedError(packet)) return 'pass';
    if (isFragmentedError(packet)) return 'done';
    const quote = quotedPacket(packet, packet.transport + ICMP.headerLength);
    if (quote === undefined || !this.#hasPorts(packet, quote)) return 'pass';
    const { tracker } = this.#options;
    const connections = tracker.table;
    const { protocol, sourcePort, destinationPort } = quotedTuple(packet, quote);
    const connection = connections.findOut(protocol, quote.destination, destinationPort, quote.source, sourcePort);
    if (connection === NONE) return 'pass';
    if (this.#isDamaged(packet, connection)) return 'done';
    if ((connections.flags(connection) & METHOD_MASK) === METHOD.nat) {
      const address = connections.virtualAddress(connection);
      rewriteError(packet, quote, 'source', address, connections.virtualPort(connection));
    }
    tracker.countOut(connection, packet.length);
    return 'pass';
  }

  /** An error from the clients' side, quoting a packet to a client; or one about a tunnel of ours (ip_vs_in_icmp). */
  towardsServer(packet: PacketBuffer): Relayed {
    if (isCutShort(packet)) return 'done';
    if (!isRelatedError(packet)) return 'pass';
    if (isFragmentedError(packet)) return 'done';
    const quote = quotedPacket(packet, packet.transport + ICMP.headerLength);
    if (quote === undefined) return 'pass';
    const type = packet.local && quote.family === 4 ? TUNNEL_OF_PROTOCOL[quote.protocol] : undefined;
    if (type !== undefined) {
      if (quote.isLaterFragment) return 'pass';
      const start = this.#startInside(packet, quote, type);
      if (start !== undefined) return this.#aboutTunnel(packet, quote, start);
    }
    if (!this.#hasPorts(packet, quote)) return this.#isUnschedulable(quote) ? 'done' : 'pass';
    const connections = this.#options.tracker.table;
    const { protocol, sourcePort, destinationPort } = quotedTuple(packet, quote);
    let connection: number | 'pass' | 'drop' = connections.findIn(
      protocol,
      quote.destination,
      destinationPort,
      quote.source,
      sourcePort,
    );
    const isNew = connection === NONE;
    if (isNew) connection = this.#options.schedule(packet, quote);
    if (connection === 'pass') return 'pass';
    if (connection === 'drop') return 'done';
    const relayed = this.#isRefused(packet, connection) ? 'done' : this.#sendToServer(packet, quote, connection);
    // An error renews no connection but the one that it made.
    if (isNew) this.#options.tracker.rearm(connection);
    return relayed;
  }

  /** An error from a client, which older kernels do not look at over IPv6. */
  #isRefused(packet: PacketBuffer, connection: number): boolean {
    const isLookedAt = packet.family === 4 || this.#options.profile.ipv6Checksums === 'verified';
    return isLookedAt && this.#isDamaged(packet, connection);
  }

  #isDamaged(packet: PacketBuffer, connection: number): boolean {
    const { profile, tracker } = this.#options;
    const isChanged = (tracker.table.flags(connection) & METHOD_MASK) === METHOD.nat;
    const isOwn = packet.port < 0;
    if (isOwn && isChanged && packet.family === 6 && profile.ipv6Checksums === 'mistaken') return true;
    return (isChanged || profile.damagedErrors === 'dropped') && !icmpChecksumHolds(packet);
  }

  #hasPorts(packet: PacketBuffer, quote: QuotedPacket): boolean {
    return this.#mayHavePorts(quote) && hasPorts(packet, quote);
  }

  #mayHavePorts({ family, isLaterFragment }: QuotedPacket): boolean {
    return !isLaterFragment || (family === 4 && this.#options.profile.quotedLaterFragmentHasPorts);
  }

  /** A connection is to be made of a quote cut short before its ports: that cannot be (ip_vs_proto_tcp.c:tcp_conn_schedule). */
  #isUnschedulable(quote: QuotedPacket): boolean {
    const isBalanced = BALANCED[quote.protocol] !== undefined && this.#mayHavePorts(quote);
    return isBalanced && this.#options.settings.get('vs.schedule_icmp') !== 0;
  }

  #sendToServer(packet: PacketBuffer, quote: QuotedPacket, connection: number): Relayed {
    const { tracker, forwarder, output } = this.#options;
    const connections = tracker.table;
    tracker.countIn(connection, packet.length);
    if ((connections.flags(connection) & METHOD_MASK) !== METHOD.nat) {
      const relayed = forwarder.forward(packet, connection);
      // Only here does an error count as a packet of the client's (ip_vs_xmit.c:ip_vs_icmp_xmit).
      connections.setPackets(connection, connections.packets(connection) + 1);
      return relayed;
    }
    const address = connections.destinationAddress(connection);
    const route = forwarder.prepare(packet, address, 0);
    if (route === undefined) return 'done';
    rewriteError(packet, quote, 'destination', address, connections.destinationPort(connection));
    if (route.kind !== 'unicast') return 'local';
    output.send(packet, route);
    return 'done';
  }

  /** Where the packet inside begins, if the quoted one is of a tunnel of ours. */
  #startInside({ view, end }: PacketBuffer, outer: QuotedPacket, type: Tunnel['type']): number | undefined {
    const { transport, destination } = outer;
    const hasPort = type === 'gue' && end - transport >= 4;
    const tunnel = this.#options.tunnelTo(destination, hasPort ? view.getUint16(transport + TCP.destinationPort) : 0);
    if (tunnel?.type !== type) return undefined;
    const length = TUNNELS[type].quotedLength(view, transport, end);
    return length === undefined ? undefined : transport + length;
  }

  /**
   * A router between director and server could not deliver a tunnel packet. The client hears the same of the packet inside,
   * if the quote holds enough of it; RFC 792's 8 bytes do not (ip_vs_in_icmp, "tunnel").
   */
  #aboutTunnel(packet: PacketBuffer, outer: QuotedPacket, startInside: number): Relayed {
    const { profile, tracker, routes, errors, forwarder } = this.#options;
    const inner = quotedPacket(packet, startInside);
    if (inner === undefined || !this.#hasPorts(packet, inner)) return 'pass';
    const { view } = packet;
    const { protocol, sourcePort, destinationPort } = quotedTuple(packet, inner);
    const connection = tracker.table.findIn(protocol, inner.source, sourcePort, inner.destination, destinationPort);
    if (connection === NONE) return 'pass';
    if (!icmpChecksumHolds(packet)) return 'done';
    const reportedTypeAndCode = view.getUint16(packet.transport + ICMP.type);
    const asItIs = profile.tunnelErrors === 'as they are';
    const typeAndCode = asItIs ? reportedTypeAndCode : tunnelErrorForClient(reportedTypeAndCode);
    if (typeAndCode === undefined) return 'done';
    let rest = view.getUint32(packet.transport + ICMP.rest);
    if (typeAndCode === ICMP_ERROR.fragmentationNeeded) {
      const reported = rest & 0xffff;
      routes.learnPathMtu(outer.destination, reported);
      if (!inner.dontFragment) return 'done';
      // The kernel answers from its cached route, which learns of the new MTU only with the next packet sent.
      const mtu = (asItIs ? forwarder.tunnelMtu(outer.destination) : undefined) ?? reported;
      const overhead = profile.tunnelErrorMtu === 'less its headers' ? inner.start - outer.start : IPV4.headerLength;
      rest = mtu > SMALLEST_MTU + overhead ? mtu - overhead : mtu;
    }
    const about = new PacketBuffer(packet.end - inner.start);
    about.load(packet.bytes.subarray(inner.start, packet.end), 0, packet.port);
    about.local = true;
    errors.ipv4.send(about, typeAndCode, rest);
    tracker.countOut(connection, about.length);
    return 'done';
  }
}

/** RFC 2003 §4: the error that tells the sender of the packet inside something, if there is one. */
function tunnelErrorForClient(typeAndCode: number): number | undefined {
  switch (typeAndCode) {
    case ICMP_ERROR.fragmentationNeeded:
      return typeAndCode;
    case ICMP_ERROR.portUnreachable:
    case SOURCE_ROUTE_FAILED:
      return undefined;
    default:
      return typeAndCode >> 8 === ICMP_TYPE.sourceQuench ? undefined : ICMP_ERROR.hostUnreachable;
  }
}

/** Too short for a header; of a later fragment of IPv6 nobody knows what it is (ip_vs_core.c:frag_safe_skb_hp). */
function isCutShort(packet: PacketBuffer): boolean {
  return packet.transportLength < ICMP.headerLength || (packet.family === 6 && packet.fragmentOffset > 0);
}

/** An ICMPv6 error fits in the least that every link carries, so a true one comes in no fragment (RFC 4443 §2.4). */
function isFragmentedError({ family, isFragment }: PacketBuffer): boolean {
  return family === 6 && isFragment;
}

function icmpChecksumHolds(packet: PacketBuffer): boolean {
  if (packet.family === 6) return icmpv6ChecksumHolds(packet);
  return internetChecksum(packet.view, packet.transport, packet.transportLength) === 0;
}

/**
 * Rewrites one side of an error and the other of the packet it quotes, and makes the ICMP checksum right. So is the quoted IP checksum; the
 * quoted transport checksum is left as it was, stale (ip_vs_core.c:ip_vs_nat_icmp, ip_vs_nat_icmp_v6).
 */
function rewriteError(packet: PacketBuffer, quote: QuotedPacket, side: Side, address: Address, port: number): void {
  const { view, transport, transportLength } = packet;
  const quotedSide = side === 'source' ? 'destination' : 'source';
  rewriteAddress(packet, side, address, 0);
  const isPort = quotedTuple(packet, quote).isOwn;
  packet.joinFragments(quote.transport + (isPort ? PORTS_LENGTH : 0));
  if (isPort) view.setUint16(quote.transport + (quotedSide === 'source' ? TCP.sourcePort : TCP.destinationPort), port);
  if (quote.family === 4) {
    writeAddress(view, quote.start + IPV4[quotedSide], address);
    view.setUint16(quote.start + IPV4.checksum, 0);
    view.setUint16(quote.start + IPV4.checksum, internetChecksum(view, quote.start, quote.transport - quote.start));
  } else {
    writeAddress(view, quote.start + IPV6[quotedSide], address);
  }
  view.setUint16(transport + ICMP.checksum, 0);
  const pseudo = quote.family === 4 ? 0 : packet.addressSum + PROTOCOL.icmpv6 + transportLength;
  view.setUint16(transport + ICMP.checksum, internetChecksum(view, transport, transportLength, pseudo));
}
