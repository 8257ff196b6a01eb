import { isPersistenceEngine } from '../connections/persistence-engine.ts';
import { InternalFault } from '../errors.ts';
import { OVERHEAD, type Accounting } from '../schedulers/overhead.ts';
import { createScheduler, type SchedulerHost } from '../schedulers/registry.ts';
import type { Scheduler } from '../schedulers/scheduler.ts';
import { isLinkLocal6, isMulticast6, UNSPECIFIED6 } from '../forwarding/ipv6-scope.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { PORT } from '../wire/port.ts';
import { CommandRefused } from './command-refused.ts';
import type { ServerAddress, ServerSettings, ServiceAddress, ServiceCommand, ServiceSettings } from './command.ts';
import { OVERLOAD } from './overload.ts';
import { movesInIndex, RealServerIndex } from './real-server-index.ts';
import { RealServer } from './real-server.ts';
import { Statistics } from './statistics.ts';
import { VirtualService } from './virtual-service.ts';

type ServiceName = Omit<ServiceAddress, 'protocol'> & { readonly protocol: number };

/** What names a service as one value: a number below 2^53 for IPv4, a bigint for IPv6, a number below 0 for a mark. */
function keyOf({ protocol, address, port, fwmark }: ServiceName): number | bigint {
  if (fwmark > 0) return -(fwmark * 2 + (isIpv6(address) ? 1 : 0));
  if (isIpv6(address)) return (BigInt(protocol) << 144n) | (address << 16n) | BigInt(port);
  return (protocol * 2 ** 32 + address) * 2 ** 16 + port;
}

/** For a table that only tries commands out. */
const NO_HOST: SchedulerHost = { now: () => 0, expiration: () => 0, random: () => 0 };

/** The virtual services and what may be done to them (kernel `ip_vs_ctl.c`). */
export class ServiceTable {
  /** What passed all services together. */
  readonly totals = new Statistics();
  readonly #accounting: Accounting;
  readonly #broadcastAddresses: ReadonlySet<number>;
  readonly #host: SchedulerHost;
  readonly #services = new Map<number | bigint, VirtualService>();
  #ipv6Count = 0;
  #hasSeenIpv6 = false;
  /** By id. Removed servers stay as long as connections refer to them. */
  readonly #servers: (RealServer | undefined)[] = [];
  /** Those that packets may come from or be about. */
  readonly index = new RealServerIndex();

  /** @param broadcastAddresses addresses of the director's networks that no real server may have */
  constructor(
    accounting: Accounting,
    broadcastAddresses: ReadonlySet<number> = new Set(),
    host: SchedulerHost = NO_HOST,
  ) {
    this.#accounting = accounting;
    this.#broadcastAddresses = broadcastAddresses;
    this.#host = host;
  }

  get services(): Iterable<VirtualService> {
    return this.#services.values();
  }

  /** The totals, and the statistics of every service and of every server that stands in one. */
  *statistics(): Generator<Statistics> {
    yield this.totals;
    for (const { statistics, servers } of this.#services.values()) {
      yield statistics;
      for (const server of servers) yield server.statistics;
    }
  }

  /** A connection to the server was scheduled (`ip_vs_core.c:ip_vs_conn_stats`). */
  countConnection(server: RealServer): void {
    server.statistics.countConnection();
    server.service.statistics.countConnection();
    this.totals.countConnection();
  }

  /** A packet to the server; nothing counts for one that was removed (`ip_vs_in_stats`). */
  countIn(server: RealServer, bytes: number): void {
    if (!server.configured) return;
    server.statistics.countIn(bytes);
    server.service.statistics.countIn(bytes);
    this.totals.countIn(bytes);
  }

  /** A packet from the server (`ip_vs_out_stats`). */
  countOut(server: RealServer, bytes: number): void {
    if (!server.configured) return;
    server.statistics.countOut(bytes);
    server.service.statistics.countOut(bytes);
    this.totals.countOut(bytes);
  }

  /** Number of services. Without any the kernel leaves all packets alone, those of its connections too. */
  get size(): number {
    return this.#services.size;
  }

  /** Number of services of a family. */
  count(family: 4 | 6): number {
    return family === 6 ? this.#ipv6Count : this.#services.size - this.#ipv6Count;
  }

  /** Whether there ever was a service or server of IPv6. */
  get hasSeenIpv6(): boolean {
    return this.#hasSeenIpv6;
  }

  /**
   * The service that a packet is for (`ip_vs_ctl.c:ip_vs_service_find`): that of its mark, that of its address and port, that of FTP for
   * what may be a data connection, that of any port.
   */
  find(fwmark: number, protocol: number, address: Address, port: number): VirtualService | undefined {
    return (
      (fwmark > 0 ? this.#services.get(keyOf({ protocol, address, port, fwmark })) : undefined) ??
      this.#find(protocol, address, port) ??
      (mayBeFtpData(protocol, port) ? this.#find(protocol, address, PORT.ftp) : undefined) ??
      this.#find(protocol, address, 0)
    );
  }

  #find(protocol: number, address: Address, port: number): VirtualService | undefined {
    return this.#services.get(keyOf({ protocol, address, port, fwmark: 0 }));
  }

  /** The server of an id in a connection record. */
  server(id: number): RealServer {
    const server = this.#servers[id];
    if (server === undefined) throw new InternalFault(`no real server has the id ${id}`);
    return server;
  }

  /** @throws CommandRefused, and then nothing has changed */
  apply(command: ServiceCommand): void {
    switch (command.kind) {
      case 'add-service':
        this.#addService(command.service, command.settings);
        break;
      case 'edit-service':
        this.#editService(this.#service(command.service, 'No such service'), command.settings);
        break;
      case 'delete-service':
        this.#deleteService(this.#service(command.service, 'No such service'));
        break;
      case 'add-server':
        this.#addServer(this.#service(command.service, 'Service not defined'), command.server, command.settings);
        break;
      case 'edit-server':
        this.#editServer(this.#service(command.service, 'Service not defined'), command.server, command.settings);
        break;
      case 'delete-server':
        this.#deleteServer(this.#service(command.service, 'Service not defined'), command.server);
        break;
      case 'clear':
        for (const service of this.#services.values()) this.#deleteService(service);
        break;
      case 'zero':
        this.#zero(command.service === undefined ? undefined : this.#service(command.service, 'No such service'));
        break;
    }
  }

  /** One service with its servers, or all and the director's own totals (`ip_vs_zero_service`, `ip_vs_zero_all`). */
  #zero(only: VirtualService | undefined): void {
    for (const { statistics, servers } of only === undefined ? this.#services.values() : [only]) {
      statistics.zero();
      for (const server of servers) server.statistics.zero();
    }
    if (only === undefined) this.totals.zero();
  }

  /** The service with just this name. */
  named(address: ServiceAddress): VirtualService | undefined {
    return this.#services.get(keyOf(address));
  }

  #service(address: ServiceAddress, otherwise: string): VirtualService {
    const service = this.named(address);
    if (service === undefined) throw new CommandRefused(otherwise);
    return service;
  }

  #scheduler(settings: ServiceSettings, servers: readonly RealServer[]): Scheduler<RealServer> {
    const scheduler = createScheduler(settings.scheduler, {
      overhead: OVERHEAD[this.#accounting],
      servers,
      flags: settings.schedulerFlags,
      host: this.#host,
    });
    if (scheduler === undefined) throw new CommandRefused('Scheduler or persistence engine not found');
    return scheduler;
  }

  #addService(address: ServiceAddress, settings: ServiceSettings): void {
    const key = keyOf(address);
    if (this.#services.has(key)) throw new CommandRefused('Service already exists');
    refuseUnknownEngine(settings);
    this.#services.set(key, new VirtualService(address, settings, this.#scheduler(settings, [])));
    if (isIpv6(address.address)) {
      this.#ipv6Count++;
      this.#hasSeenIpv6 = true;
    }
  }

  /** The same scheduler keeps its state, another one begins anew (`ip_vs_edit_service`). */
  #editService(service: VirtualService, settings: ServiceSettings): void {
    refuseUnknownEngine(settings);
    const keeps = settings.scheduler === service.settings.scheduler;
    service.edit(settings, keeps ? undefined : this.#scheduler(settings, service.servers));
  }

  #deleteService(service: VirtualService): void {
    for (const server of [...service.servers]) this.#remove(server);
    this.#services.delete(keyOf(service));
    if (isIpv6(service.address)) this.#ipv6Count--;
  }

  #addServer(service: VirtualService, address: ServerAddress, settings: ServerSettings): void {
    checkThresholds(settings);
    if (service.server(address) !== undefined) throw new CommandRefused('Destination already exists');
    this.#checkUnicast(address.address);
    const former = this.#removedServer(service, address);
    if (former !== undefined) {
      former.serveAgain(service, settings);
      this.index.add(former);
      service.add(former);
      return;
    }
    const free = this.#servers.indexOf(undefined);
    const id = free === -1 ? this.#servers.length : free;
    const server = new RealServer(id, service, address, settings, OVERLOAD[this.#accounting]);
    this.#servers[id] = server;
    if (isIpv6(address.address)) this.#hasSeenIpv6 = true;
    this.index.add(server);
    service.add(server);
  }

  #editServer(service: VirtualService, address: ServerAddress, settings: ServerSettings): void {
    checkThresholds(settings);
    const server = service.server(address);
    if (server === undefined) throw new CommandRefused('No such destination');
    const moves = movesInIndex(server, settings);
    if (moves) this.index.remove(server);
    server.edit(settings);
    if (moves) this.index.add(server);
    service.edited();
  }

  #deleteServer(service: VirtualService, address: ServerAddress): void {
    const server = service.server(address);
    if (server === undefined) throw new CommandRefused('No such destination');
    this.#remove(server);
  }

  #remove(server: RealServer): void {
    server.service.remove(server);
    this.index.remove(server);
    server.configured = false;
    this.#forgetUnused();
  }

  /** Frees the ids of removed servers that no connection refers to any more. */
  #forgetUnused(): void {
    this.#servers.forEach((server, id) => {
      if (server !== undefined && !server.configured && server.total + server.persistent === 0)
        this.#servers[id] = undefined;
    });
  }

  /** A server removed earlier from this service, or from a former service of the same address. */
  #removedServer(service: VirtualService, { address, port }: ServerAddress): RealServer | undefined {
    return this.#servers.find(
      (server) =>
        server?.configured === false &&
        server.address === address &&
        server.port === port &&
        keyOf(server.service) === keyOf(service),
    );
  }

  /** `ip_vs_ctl.c:ip_vs_new_dest`: the address must be unicast or the director's own (`inet_addr_type`). */
  #checkUnicast(address: Address): void {
    if (isIpv6(address) ? !isGlobalUnicast(address) : !this.#isUnicast(address)) {
      throw new CommandRefused('Invalid operation.  Possibly wrong module version, address not unicast, ...');
    }
  }

  #isUnicast(address: number): boolean {
    const multicast = address >>> 28 === 0xe;
    return !multicast && address !== 0 && address !== 0xffff_ffff && !this.#broadcastAddresses.has(address);
  }
}

/** A link-local address is none that packets can be forwarded to. */
function isGlobalUnicast(address: bigint): boolean {
  return !isMulticast6(address) && !isLinkLocal6(address) && address !== UNSPECIFIED6;
}

/** Active FTP's port, and those that no privilege is needed for (`inet_port_requires_bind_service`), from which passive FTP takes its own. */
function mayBeFtpData(protocol: number, port: number): boolean {
  return protocol === PROTOCOL.tcp && (port === PORT.ftpData || port >= PORT.firstUnprivileged);
}

function refuseUnknownEngine({ engine }: ServiceSettings): void {
  if (engine !== '' && !isPersistenceEngine(engine)) {
    throw new CommandRefused('Scheduler or persistence engine not found');
  }
}

/** `ip_vs_ctl.c:ip_vs_add_dest` refuses with ERANGE, for which ipvsadm has no words of its own. */
function checkThresholds({ upperThreshold, lowerThreshold }: ServerSettings): void {
  if (lowerThreshold > upperThreshold) throw new CommandRefused('Numerical result out of range');
}
