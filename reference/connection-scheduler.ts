import type { RealServer } from './administration/real-server.ts';
import type { ServiceTable } from './administration/service-table.ts';
import type { Settings } from './administration/settings.ts';
import type { Ftp } from './applications/ftp.ts';
import type { ConnectionTracker } from './connections/connection-tracker.ts';
import type { Errors } from './forwarding/errors.ts';
import { isTranslatable } from './forwarding/nat.ts';
import type { PacketBuffer } from './forwarding/packet-buffer.ts';
import type { QuotedPacket } from './forwarding/quoted-packet.ts';
import type { Address } from './wire/ip-address.ts';
import { PROTOCOL } from './wire/ipv4.ts';
import { TCP, TCP_FLAG } from './wire/tcp.ts';

/** A client that sends from FTP's data port is never scheduled (ip_vs_core.c:ip_vs_schedule). */
const FTP_DATA_PORT = 20;

/** The connection that was made; `pass`: nothing for the balancer; `drop`: the packet ends here. */
export type Scheduled = number | 'pass' | 'drop';

export interface ConnectionSchedulerOptions {
  readonly settings: Settings;
  readonly services: ServiceTable;
  readonly tracker: ConnectionTracker;
  readonly ftp: Ftp;
  readonly errors: Errors;
}

/** What becomes of a packet that belongs to no connection: which service is it for, which server takes it, what is remembered. */
export class ConnectionScheduler {
  readonly #options: ConnectionSchedulerOptions;

  constructor(options: ConnectionSchedulerOptions) {
    this.#options = options;
  }

  /** Chooses a server for the first packet of a connection (ip_vs_proto_tcp.c:tcp_conn_schedule, ip_vs_core.c:ip_vs_schedule). */
  schedule(packet: PacketBuffer): Scheduled {
    const { services, settings, errors } = this.#options;
    const { protocol, source, sourcePort, destination, destinationPort } = packet;
    if (!isTranslatable(packet)) return 'drop';
    if (protocol === PROTOCOL.tcp) {
      const flags = packet.tcpFlags;
      if ((flags & TCP_FLAG.rst) !== 0) return 'pass';
      if ((flags & TCP_FLAG.syn) === 0 && settings.get('vs.sloppy_tcp') === 0) return 'pass';
    }
    const service = services.find(protocol, destination, destinationPort);
    if (service === undefined || sourcePort === FTP_DATA_PORT) return 'pass';
    const request = { clientAddress: source, clientPort: sourcePort, destinationAddress: destination };
    const server = service.schedule(request);
    if (server === undefined) {
      // Nobody can serve it: the client hears so at once, for TCP too (ip_vs_core.c:ip_vs_leave).
      errors.send(packet, 'portUnreachable');
      return 'drop';
    }
    return this.#connect(server, { protocol, source, sourcePort, destination, destinationPort });
  }

  /** `schedule_icmp`: an error about a packet of no connection makes one, in the direction that the quoted packet answered. */
  scheduleFromError(error: PacketBuffer, quote: QuotedPacket): Scheduled {
    const { services, settings, tracker } = this.#options;
    if (settings.get('vs.schedule_icmp') === 0) return 'pass';
    const tuple = {
      protocol: quote.protocol,
      source: quote.destination,
      sourcePort: error.view.getUint16(quote.transport + TCP.destinationPort),
      destination: quote.source,
      destinationPort: error.view.getUint16(quote.transport + TCP.sourcePort),
    };
    const service = services.find(tuple.protocol, tuple.destination, tuple.destinationPort);
    if (service === undefined || tuple.sourcePort === FTP_DATA_PORT) return 'pass';
    const request = {
      clientAddress: tuple.source,
      clientPort: tuple.sourcePort,
      destinationAddress: tuple.destination,
    };
    const server = service.schedule(request);
    if (server === undefined) return 'drop';
    const connection = this.#connect(server, tuple);
    tracker.rearm(connection);
    return connection;
  }

  #connect(server: RealServer, tuple: Tuple): number {
    const { services, tracker, ftp } = this.#options;
    const connection = tracker.create(server, {
      protocol: tuple.protocol,
      clientAddress: tuple.source,
      clientPort: tuple.sourcePort,
      virtualAddress: tuple.destination,
      virtualPort: tuple.destinationPort,
      destinationAddress: server.address,
      destinationPort: server.port === 0 ? tuple.destinationPort : server.port,
    });
    ftp.bind(connection);
    services.countConnection(server);
    return connection;
  }
}

interface Tuple {
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
}
