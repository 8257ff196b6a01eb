import type { Persistence } from './administration/command.ts';
import type { RealServer } from './administration/real-server.ts';
import type { ServiceTable } from './administration/service-table.ts';
import type { Settings } from './administration/settings.ts';
import type { VirtualService } from './administration/virtual-service.ts';
import type { Ftp } from './applications/ftp.ts';
import { FLAG, METHOD, NONE } from './connections/connection-record.ts';
import type { ConnectionTracker } from './connections/connection-tracker.ts';
import { engineDataOf } from './connections/persistence-engine.ts';
import type { Defence } from './defence.ts';
import { isOfOnePort, templateKey, type Wanted } from './connections/template-key.ts';
import type { Templates } from './connections/templates.ts';
import type { Errors } from './forwarding/errors.ts';
import type { PacketBuffer } from './forwarding/packet-buffer.ts';
import type { QuotedPacket } from './forwarding/quoted-packet.ts';
import type { Routes } from './forwarding/routes.ts';
import type { BalancedProtocol } from './protocols/balanced-protocol.ts';
import { BALANCED } from './protocols/balanced-protocols.ts';
import { PROTOCOL } from './wire/ipv4.ts';
import { PORT } from './wire/port.ts';
import { TCP } from './wire/tcp.ts';

/** The connection that was made; `pass`: nothing for the balancer; `drop`: the packet ends here. */
export type Scheduled = number | 'pass' | 'drop';

export interface ConnectionSchedulerOptions {
  readonly settings: Settings;
  readonly defence: Defence;
  readonly services: ServiceTable;
  readonly tracker: ConnectionTracker;
  readonly templates: Templates;
  readonly ftp: Ftp;
  readonly routes: Routes;
  readonly errors: Errors;
}

/** What becomes of a packet that belongs to no connection: which service is it for, which server takes it, what is remembered. */
export class ConnectionScheduler {
  readonly #options: ConnectionSchedulerOptions;

  constructor(options: ConnectionSchedulerOptions) {
    this.#options = options;
  }

  /** Chooses a server for the first packet of a connection (ip_vs_proto_tcp.c:tcp_conn_schedule, ip_vs_core.c:ip_vs_schedule). */
  schedule(packet: PacketBuffer, handler: BalancedProtocol): Scheduled {
    const { services, settings, defence, errors } = this.#options;
    const begins = handler.begins(packet, settings);
    if (begins !== 'schedule') return begins;
    const { protocol, source, sourcePort, destination, destinationPort } = packet;
    const service = services.find(packet.mark, protocol, destination, destinationPort);
    if (service === undefined) return 'pass';
    if (defence.drops()) return 'drop';
    // A client that sends from FTP's data port is never scheduled: active FTP's data connections are the servers' to open.
    if (sourcePort === PORT.ftpData) return 'pass';
    const tuple = { protocol, source, sourcePort, destination, destinationPort, mark: packet.mark };
    const connection = this.#connect(service, tuple, packet) ?? this.#bypass(service, tuple);
    if (connection !== undefined) return connection;
    if (isStranger(service, destinationPort)) return 'pass';
    // Nobody can serve it: the client hears so at once, for TCP too (ip_vs_core.c:ip_vs_leave).
    errors.send(packet, 'portUnreachable');
    return 'drop';
  }

  /** `schedule_icmp`: an error about a packet of no connection makes one, in the direction that the quoted packet answered. */
  scheduleFromError(error: PacketBuffer, quote: QuotedPacket): Scheduled {
    const { services, settings, defence } = this.#options;
    if (settings.get('vs.schedule_icmp') === 0 || BALANCED[quote.protocol]?.borrowed !== undefined) return 'pass';
    const tuple = {
      protocol: quote.protocol,
      source: quote.destination,
      sourcePort: error.view.getUint16(quote.transport + TCP.destinationPort),
      destination: quote.source,
      destinationPort: error.view.getUint16(quote.transport + TCP.sourcePort),
      mark: error.mark,
    };
    const service = services.find(error.mark, tuple.protocol, tuple.destination, tuple.destinationPort);
    if (service === undefined) return 'pass';
    if (defence.drops()) return 'drop';
    if (tuple.sourcePort === PORT.ftpData) return 'pass';
    return this.#connect(service, tuple, error) ?? (isStranger(service, tuple.destinationPort) ? 'pass' : 'drop');
  }

  /**
   * A datagram of a real server that belongs to no connection. The service's persistence engine makes one of it, as if the client had
   * spoken first (ip_vs_core.c:__ip_vs_rs_conn_out, ip_vs_new_conn_out; ip_vs_pe_sip.c:ip_vs_sip_conn_out). {@link NONE} without an engine.
   */
  scheduleFromServer(packet: PacketBuffer): number {
    const { services, templates } = this.#options;
    const { protocol, source, sourcePort, destination, destinationPort } = packet;
    if (protocol !== PROTOCOL.udp || packet.fragmentOffset > 0) return NONE;
    const server = services.index.speaker(protocol, source, sourcePort);
    if (server === undefined) return NONE;
    const { service } = server;
    const { engine: name, persistence } = service.settings;
    // Of a mark, and of any port, nobody knows what the client calls the service.
    if (name === '' || service.fwmark > 0 || service.port === 0 || sourcePort === 0) return NONE;
    const tuple = {
      protocol,
      source: destination,
      sourcePort: destinationPort,
      destination: service.address,
      destinationPort: service.port,
      mark: packet.mark,
    };
    if (persistence === undefined) return this.#create(service, server, tuple, sourcePort);
    const engine = engineDataOf(name, packet);
    if (engine === undefined) return NONE;
    const key = templateKey(service, persistence, tuple, engine);
    let template = templates.find(key, server);
    if (template === NONE) template = templates.create(server, key, sourcePort, persistence.timeout);
    return this.#hang(this.#create(service, server, tuple, sourcePort), template);
  }

  /** A connection to a server of the service; none where no server may take it. */
  #connect(service: VirtualService, tuple: Tuple, packet: PacketBuffer): number | 'drop' | undefined {
    const { persistence } = service.settings;
    if (persistence !== undefined) return this.#connectPersistently(service, persistence, tuple, packet);
    if (service.fwmark === 0 && tuple.destinationPort !== service.port) return undefined;
    const server = this.#choose(service, tuple);
    if (server === undefined) return undefined;
    return this.#create(service, server, tuple, server.port === 0 ? tuple.destinationPort : server.port);
  }

  /** The clients of one network get the server that one of them got before them (ip_vs_core.c:ip_vs_sched_persist). */
  #connectPersistently(
    service: VirtualService,
    persistence: Persistence,
    tuple: Tuple,
    packet: PacketBuffer,
  ): number | 'drop' | undefined {
    const { tracker, templates } = this.#options;
    const { engine: name } = service.settings;
    const engine = name === '' ? undefined : engineDataOf(name, packet);
    // The engine does not know the client, so nobody knows his server.
    if (name !== '' && engine === undefined) return 'drop';
    const key = templateKey(service, persistence, tuple, engine);
    let template = templates.find(key);
    let server = template === NONE ? undefined : tracker.server(template);
    if (server === undefined) {
      server = this.#choose(service, tuple);
      if (server === undefined) return undefined;
      template = templates.create(server, key, isOfOnePort(service, tuple) ? server.port : 0, persistence.timeout);
      tracker.table.setMark(template, tuple.mark);
    }
    const isServicePort = tuple.destinationPort === service.port && server.port !== 0;
    const serverPort = isServicePort ? server.port : tuple.destinationPort;
    return this.#hang(this.#create(service, server, tuple, serverPort), template);
  }

  /** The connection hangs on the template, whose time begins anew with it. */
  #hang(connection: number, template: number): number {
    const { tracker } = this.#options;
    tracker.table.setControl(connection, template);
    tracker.rearm(template);
    return connection;
  }

  /** `cache_bypass`: without a server a marked packet goes on to where it was sent, unless that is the director (ip_vs_core.c:ip_vs_leave). */
  #bypass(service: VirtualService, tuple: Tuple): number | undefined {
    const { settings, routes, tracker } = this.#options;
    if (settings.get('vs.cache_bypass') === 0 || service.fwmark === 0 || routes.isLocal(tuple.destination))
      return undefined;
    const endpoints = { ...endpointsOf(tuple), destinationAddress: 0, destinationPort: 0 };
    const connection = tracker.create(undefined, endpoints, METHOD.bypass | onePacketFlag(service, tuple));
    tracker.table.setMark(connection, tuple.mark);
    return connection;
  }

  #choose(service: VirtualService, { source, sourcePort, destination }: Tuple): RealServer | undefined {
    return service.schedule({ clientAddress: source, clientPort: sourcePort, destinationAddress: destination });
  }

  #create(service: VirtualService, server: RealServer, tuple: Tuple, serverPort: number): number {
    const { services, tracker, ftp } = this.#options;
    const endpoints = { ...endpointsOf(tuple), destinationAddress: server.address, destinationPort: serverPort };
    const connection = tracker.create(server, endpoints, onePacketFlag(service, tuple));
    tracker.table.setMark(connection, tuple.mark);
    ftp.bind(connection);
    services.countConnection(server);
    return connection;
  }
}

function endpointsOf({ protocol, source, sourcePort, destination, destinationPort }: Tuple) {
  return {
    protocol,
    clientAddress: source,
    clientPort: sourcePort,
    virtualAddress: destination,
    virtualPort: destinationPort,
  };
}

function onePacketFlag({ settings: { onePacket } }: VirtualService, { protocol }: Tuple): number {
  return onePacket && protocol === PROTOCOL.udp ? FLAG.onePacket : 0;
}

/** Next to FTP lives what is none of the balancer's business: its service is found for every port that data may come to. */
function isStranger(service: VirtualService, port: number): boolean {
  return service.port === PORT.ftp && port !== PORT.ftp;
}

interface Tuple extends Wanted {
  readonly sourcePort: number;
  /** The packet's firewall mark. */
  readonly mark: number;
}
