import type { Clock } from '../clock.ts';
import { FLAG } from '../connections/connection-record.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import { stateName } from '../connections/state-name.ts';
import { TCP_STATE } from '../connections/tcp-states.ts';
import type { Templates } from '../connections/templates.ts';
import type { Timeouts } from '../connections/timeouts.ts';
import type { Profile } from '../profile.ts';
import type { DaemonConfiguration } from '../synchronisation/sync-daemons.ts';
import type { ServiceAddress } from './command.ts';
import { CommandRefused } from './command-refused.ts';
import { ConnectionTableSize } from './connection-table-size.ts';
import { ipvsadmConnections } from './ipvsadm-connections.ts';
import { ipvsadmDaemons } from './ipvsadm-daemons.ts';
import { ipvsadmListing } from './ipvsadm-listing.ts';
import { ipvsadmSave } from './ipvsadm-save.ts';
import { connectionsText, originsText, servicesText, type ConnectionRow } from './listing.ts';
import type { Query } from './query.ts';
import type { ServiceTable } from './service-table.ts';
import { statisticsPerCpuText, statisticsText } from './statistics-text.ts';
import type { VirtualService } from './virtual-service.ts';

export interface ListingsOptions {
  readonly profile: Pick<Profile, 'ticksPerSecond' | 'connectionTable'>;
  readonly clock: Clock;
  readonly services: ServiceTable;
  readonly tracker: ConnectionTracker;
  readonly templates: Templates;
  readonly timeouts: Timeouts;
  /** Those that run. */
  readonly daemons: () => readonly DaemonConfiguration[];
}

/** What the director shows of itself: the kernel's files, and what ipvsadm makes of them. */
export class Listings {
  readonly #options: ListingsOptions;
  readonly #tableSize: ConnectionTableSize;

  constructor(options: ListingsOptions) {
    this.#options = options;
    this.#tableSize = new ConnectionTableSize(options.profile.connectionTable);
  }

  /** A file below `/proc/net`. */
  file(name: 'ip_vs' | 'ip_vs_conn' | 'ip_vs_conn_sync' | 'ip_vs_stats' | 'ip_vs_stats_percpu'): string {
    const { profile, services } = this.#options;
    switch (name) {
      case 'ip_vs':
        return servicesText(services.services, {
          ticksPerSecond: profile.ticksPerSecond,
          tableSize: this.#buckets(),
        });
      case 'ip_vs_conn':
        return connectionsText(this.connections());
      case 'ip_vs_conn_sync':
        return originsText(this.connections());
      case 'ip_vs_stats':
        return statisticsText(services.totals);
      case 'ip_vs_stats_percpu':
        return statisticsPerCpuText(services.totals);
    }
  }

  #buckets(): number {
    const { services, tracker } = this.#options;
    return this.#tableSize.now(services.size, tracker.table.count);
  }

  /**
   * What ipvsadm prints.
   *
   * @throws CommandRefused where the one service asked for is not there
   */
  answer(query: Query): string {
    const { services, timeouts, daemons } = this.#options;
    switch (query.kind) {
      case 'services':
        return query.only === undefined
          ? `IP Virtual Server version 1.2.1 (size=${this.#buckets()})\n${ipvsadmListing(services.services, query.options)}`
          : ipvsadmListing([this.#service(query.only)], query.options);
      case 'connections':
        return ipvsadmConnections(this.connections(), query.withEngineData);
      case 'timeouts': {
        const [tcp, tcpFin] = [timeouts.tcp(TCP_STATE.ESTABLISHED), timeouts.tcp(TCP_STATE.FIN_WAIT)];
        return `Timeout (tcp tcpfin udp): ${tcp} ${tcpFin} ${timeouts.udp}\n`;
      }
      case 'daemons':
        return ipvsadmDaemons(daemons());
      case 'save':
        return ipvsadmSave(services.services);
    }
  }

  #service(address: ServiceAddress): VirtualService {
    const service = this.#options.services.named(address);
    if (service === undefined) throw new CommandRefused('No such service');
    return service;
  }

  /** In no particular order. */
  *connections(): Generator<ConnectionRow> {
    const { clock, tracker, templates } = this.#options;
    const { table } = tracker;
    for (const connection of table.handles()) {
      const protocol = table.protocol(connection);
      yield {
        protocol,
        clientAddress: table.clientAddress(connection),
        clientPort: table.clientPort(connection),
        virtualAddress: table.virtualAddress(connection),
        virtualPort: table.virtualPort(connection),
        destinationAddress: table.destinationAddress(connection),
        destinationPort: table.destinationPort(connection),
        state: stateName(protocol, table.flags(connection), table.state(connection)),
        origin: (table.flags(connection) & FLAG.synchronised) === 0 ? 'LOCAL' : 'SYNC',
        expires: (table.expires(connection) - clock.now) / 1000,
        engine: templates.engineData(connection),
      };
    }
  }
}
