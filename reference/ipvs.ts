import type { RealServer } from './administration/real-server.ts';
import type { ServiceTable } from './administration/service-table.ts';
import type { Settings } from './administration/settings.ts';
import type { Ftp } from './applications/ftp.ts';
import { ConnectionScheduler } from './connection-scheduler.ts';
import { FLAG, METHOD, METHOD_MASK, NONE } from './connections/connection-record.ts';
import type { Templates } from './connections/templates.ts';
import type { ConnectionTracker } from './connections/connection-tracker.ts';
import { TCP_STATE } from './connections/tcp-states.ts';
import type { Errors } from './forwarding/errors.ts';
import type { Defence } from './defence.ts';
import type { Forwarder } from './forwarding/forwarder.ts';
import { IcmpRelay, type Relayed } from './forwarding/icmp-relay.ts';
import type { IpOutput } from './forwarding/ip-output.ts';
import { isTranslatable, translate } from './forwarding/nat.ts';
import type { PacketBuffer } from './forwarding/packet-buffer.ts';
import type { Routes } from './forwarding/routes.ts';
import type { Profile } from './profile.ts';
import type { BalancedProtocol } from './protocols/balanced-protocol.ts';
import { BALANCED } from './protocols/balanced-protocols.ts';
import type { SyncDaemons } from './synchronisation/sync-daemons.ts';
import { PROTOCOL } from './wire/ipv4.ts';
import { IPV6 } from './wire/ipv6.ts';

/** Bytes of both ports, where TCP, UDP and SCTP begin with them. */
const PORTS_LENGTH = 4;
/** Bits of `conn_reuse_mode`. */
const REUSE_FIN_WAIT = 2;

export interface IpvsOptions {
  readonly profile: Profile;
  readonly settings: Settings;
  readonly defence: Defence;
  readonly services: ServiceTable;
  readonly tracker: ConnectionTracker;
  readonly templates: Templates;
  readonly forwarder: Forwarder;
  readonly ftp: Ftp;
  readonly routes: Routes;
  readonly output: IpOutput;
  readonly errors: Errors;
  readonly synchronisation: SyncDaemons;
}

/**
 * The balancer itself: what happens to a packet at the three places where the IP layer hands it over (ip_vs_core.c, `ip_vs_ops4`).
 * Without any service it is not there at all, and connections of before rest until a service returns.
 */
export class Ipvs {
  readonly #options: IpvsOptions;
  readonly #scheduler: ConnectionScheduler;
  readonly #relay: IcmpRelay;
  /** The connection whose place the packet at hand takes. */
  #replaced = NONE;

  constructor(options: IpvsOptions) {
    this.#options = options;
    const { profile, settings, forwarder, routes, output, errors } = options;
    const scheduler = new ConnectionScheduler(options);
    this.#scheduler = scheduler;
    this.#relay = new IcmpRelay({
      profile,
      settings,
      forwarder,
      routes,
      output,
      errors,
      tracker: options.tracker,
      tunnelTo: (address, port) => options.services.index.tunnelEnd(address, port)?.tunnel,
      schedule: (error, quote) => scheduler.scheduleFromError(error, quote),
    });
  }

  /** Whether there is any service of that family: each has hooks of its own (ip_vs_core.c:ip_vs_register_hooks). */
  isOn(family: 4 | 6): boolean {
    return this.#options.services.count(family) > 0;
  }

  /** Fragments of IPv6 are put together on arrival from the first service or server of IPv6 on, for good (ip_vs_ctl.c:nf_defrag_ipv6_enable). */
  get gathersIpv6(): boolean {
    return this.#options.services.hasSeenIpv6;
  }

  /** A packet to one of the director's own addresses (LOCAL_IN, ip_vs_in_hook). */
  localIn(packet: PacketBuffer): Relayed {
    const { tracker, forwarder, ftp, synchronisation } = this.#options;
    if (packet.handled || !this.isOn(packet.family) || synchronisation.leavesClients) return 'pass';
    if (isIcmp(packet)) return this.#relay.towardsServer(packet);
    const protocol = BALANCED[packet.protocol];
    if (protocol === undefined) return 'pass';
    // Too short to have ports; of a later fragment nobody knows them (ip_vs_proto_tcp.c:tcp_conn_schedule).
    if (packet.family === 6 && packet.fragmentOffset > 0) return 'pass';
    if (protocol.borrowed === undefined && packet.transportLength < PORTS_LENGTH) return 'done';
    // The hook for replies comes before the one for requests (ip_vs_ops4).
    if (this.#isRefused(packet, protocol) && this.#replyOf(packet, protocol) === NONE) return this.#refuse(packet);
    const found = this.#existing(packet, protocol);
    if (found === 'drop') return 'done';
    const connection = found === NONE ? this.#scheduler.schedule(packet, protocol) : found;
    this.#endReplaced();
    if (connection === 'pass') return 'pass';
    if (connection === 'drop') return 'done';
    tracker.countIn(connection, packet.length);
    protocol.passes(tracker, connection, 'input', packet, this.#stateAt(packet));
    if ((tracker.table.flags(connection) & FLAG.noClientPort) !== 0) {
      tracker.table.fillClientPort(connection, packet.sourcePort);
    }
    const mangle = ftp.isControl(connection) ? (): boolean => ftp.fromClient(connection, packet) : undefined;
    const forwarded = forwarder.forward(packet, connection, mangle);
    packet.handled = true;
    synchronisation.packetDone(connection);
    // Whatever became of the packet: the connection was used (ip_vs_core.c:ip_vs_conn_put).
    tracker.rearm(connection);
    return forwarded;
  }

  /** A packet that the director routes (FORWARD: ip_vs_forward_icmp, then ip_vs_out_hook). */
  forward(packet: PacketBuffer): Relayed {
    if (packet.handled || !this.isOn(packet.family)) return 'pass';
    if (isIcmp(packet)) {
      const relayed = this.#options.synchronisation.leavesClients ? 'pass' : this.#relay.towardsServer(packet);
      return relayed === 'pass' ? this.#relay.towardsClient(packet) : relayed;
    }
    return this.#fromServer(packet);
  }

  /** A packet of the director's own: a reply of a local server, an error about a balanced packet (LOCAL_OUT). */
  localOut(packet: PacketBuffer): Relayed {
    if (packet.handled || !this.isOn(packet.family)) return 'pass';
    return isIcmp(packet) ? this.#relay.towardsClient(packet) : this.#fromServer(packet);
  }

  /** A reply gets the virtual address and port as its source (paper P13; ip_vs_core.c:handle_response). */
  #fromServer(packet: PacketBuffer): Relayed {
    const protocol = BALANCED[packet.protocol];
    if (protocol === undefined) return 'pass';
    if (protocol.borrowed === undefined && packet.transportLength < PORTS_LENGTH) return 'pass';
    const { tracker, ftp } = this.#options;
    const { table } = tracker;
    let connection = this.#replyOf(packet, protocol);
    if (connection === NONE) connection = this.#scheduler.scheduleFromServer(packet);
    if (connection === NONE) return this.#isRefused(packet, protocol) ? this.#refuse(packet) : 'pass';
    if ((table.flags(connection) & METHOD_MASK) === METHOD.nat) {
      if (!isTranslatable(packet)) return 'done';
      if (ftp.isControl(connection) && !ftp.fromServer(connection, packet)) return 'done';
      translate(packet, 'source', table.virtualAddress(connection), table.virtualPort(connection));
    }
    tracker.countOut(connection, packet.length);
    protocol.passes(tracker, connection, 'output', packet, this.#stateAt(packet));
    tracker.rearm(connection);
    return 'pass';
  }

  /** The connection that the packet replies on. */
  #replyOf(packet: PacketBuffer, { borrowed }: BalancedProtocol): number {
    const { table } = this.#options.tracker;
    const { source, destination } = packet;
    return borrowed === undefined
      ? table.findOut(packet.protocol, source, packet.sourcePort, destination, packet.destinationPort)
      : table.findOut(borrowed.protocol, source, borrowed.port, destination, borrowed.port);
  }

  /** `nat_icmp_send`: a real server speaks of a connection that is not there. A reset or abort needs no answer. */
  #isRefused(packet: PacketBuffer, handler: BalancedProtocol): boolean {
    if (this.#options.settings.get('vs.nat_icmp_send') === 0 || handler.borrowed !== undefined) return false;
    const { protocol, source, sourcePort } = packet;
    const speaker = this.#options.services.index.speaker(protocol, source, sourcePort);
    return speaker !== undefined && !handler.isAbort(packet);
  }

  #refuse(packet: PacketBuffer): Relayed {
    this.#options.errors.send(packet, 'portUnreachable');
    return 'done';
  }

  /** The packet's connection, unless it has come to its end or its server is gone. */
  #existing(packet: PacketBuffer, protocol: BalancedProtocol): number | 'drop' {
    const { tracker, settings } = this.#options;
    const { source, destination } = packet;
    const { borrowed } = protocol;
    const connection =
      borrowed === undefined
        ? tracker.table.findIn(packet.protocol, source, packet.sourcePort, destination, packet.destinationPort)
        : tracker.table.findIn(borrowed.protocol, source, borrowed.port, destination, borrowed.port);
    if (connection === NONE) return NONE;
    const server = tracker.server(connection);
    if (protocol.isFirst(packet) && this.#mayBeReused(connection, protocol, server)) {
      this.#replaced = connection;
      return NONE;
    }
    if (server?.configured !== false) return connection;
    if (settings.get('vs.expire_nodest_conn') === 0) return 'drop';
    this.#replaced = connection;
    return NONE;
  }

  /** The kernel ends a connection by its timer, so the scheduler still counts it for the packet that takes its place (ip_vs_conn_expire_now). */
  #endReplaced(): void {
    if (this.#replaced === NONE) return;
    this.#options.tracker.expireNow(this.#replaced);
    this.#replaced = NONE;
  }

  /** A SYN on ports of a connection that is over is a new connection, and is scheduled (is_new_conn_expected). */
  #mayBeReused(connection: number, protocol: BalancedProtocol, server: RealServer | undefined): boolean {
    const { profile, tracker, settings } = this.#options;
    const { table } = tracker;
    const mode = settings.get('vs.conn_reuse_mode');
    const isLeft = mode !== 0 || profile.quiescentServerIsLeft === 'always';
    if (isLeft && settings.get('vs.expire_nodest_conn') !== 0 && server?.weight === 0) return true;
    if (mode === 0 || table.control(connection) !== NONE) return false;
    const state = table.state(connection);
    if (protocol.isOver(state)) return true;
    const halfSeen = table.protocol(connection) === PROTOCOL.tcp && (table.flags(connection) & FLAG.noOutput) !== 0;
    return (mode & REUSE_FIN_WAIT) !== 0 && state === TCP_STATE.FIN_WAIT && halfSeen;
  }

  /** Where the state machine looks for the transport header. */
  #stateAt(packet: PacketBuffer): number {
    const behindIpv6 = packet.family === 6 && this.#options.profile.tcpFlagsOfIpv6 === 'behind the IPv6 header';
    return behindIpv6 ? packet.start + IPV6.headerLength : packet.transport;
  }
}

function isIcmp({ protocol, family }: PacketBuffer): boolean {
  return protocol === (family === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6);
}
