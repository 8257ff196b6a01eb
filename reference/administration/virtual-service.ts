import type { Scheduler, SchedulingRequest } from '../schedulers/scheduler.ts';
import type { Address } from '../wire/ip-address.ts';
import type { ServerAddress, ServiceAddress, ServiceProtocol, ServiceSettings } from './command.ts';
import type { RealServer } from './real-server.ts';
import { Statistics } from './statistics.ts';

/** A virtual service with its real servers. */
export class VirtualService implements ServiceAddress {
  readonly protocol: ServiceProtocol;
  readonly address: Address;
  readonly port: number;
  readonly fwmark: number;
  readonly statistics = new Statistics();
  readonly #servers: RealServer[] = [];
  #settings: ServiceSettings;
  #scheduler: Scheduler<RealServer>;

  constructor(
    { protocol, address, port, fwmark }: ServiceAddress,
    settings: ServiceSettings,
    scheduler: Scheduler<RealServer>,
  ) {
    this.protocol = protocol;
    this.address = address;
    this.port = port;
    this.fwmark = fwmark;
    this.#settings = settings;
    this.#scheduler = scheduler;
  }

  get settings(): ServiceSettings {
    return this.#settings;
  }

  /** In the kernel's order: the server added last stands first. */
  get servers(): readonly RealServer[] {
    return this.#servers;
  }

  /** The server for a new connection; undefined where none may take it. */
  schedule(request: SchedulingRequest): RealServer | undefined {
    return this.#scheduler.choose(this.#servers, request);
  }

  server({ address, port }: ServerAddress): RealServer | undefined {
    return this.#servers.find((server) => server.address === address && server.port === port);
  }

  /** Without a new scheduler the present one goes on, with the new flags. */
  edit(settings: ServiceSettings, scheduler?: Scheduler<RealServer>): void {
    this.#settings = settings;
    if (scheduler !== undefined) this.#scheduler = scheduler;
    this.#scheduler.flagged?.(settings.schedulerFlags);
  }

  add(server: RealServer): void {
    this.#servers.unshift(server);
    this.#scheduler.added?.(this.#servers);
  }

  /** To be called after a server's settings changed. */
  edited(): void {
    this.#scheduler.edited?.(this.#servers);
  }

  remove(server: RealServer): void {
    const index = this.#servers.indexOf(server);
    this.#servers.splice(index, 1);
    this.#scheduler.removed?.(this.#servers, index);
  }
}
