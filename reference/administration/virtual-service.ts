import type { Scheduler, SchedulingRequest } from '../schedulers/scheduler.ts';
import type { ServerAddress, ServiceAddress } from './command.ts';
import type { RealServer } from './real-server.ts';

/** A virtual service with its real servers. */
export class VirtualService implements ServiceAddress {
  readonly protocol: 6 | 17;
  readonly address: number;
  readonly port: number;
  readonly #servers: RealServer[] = [];
  #schedulerName: string;
  #scheduler: Scheduler<RealServer>;

  constructor({ protocol, address, port }: ServiceAddress, schedulerName: string, scheduler: Scheduler<RealServer>) {
    this.protocol = protocol;
    this.address = address;
    this.port = port;
    this.#schedulerName = schedulerName;
    this.#scheduler = scheduler;
  }

  get schedulerName(): string {
    return this.#schedulerName;
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

  useScheduler(name: string, scheduler: Scheduler<RealServer>): void {
    this.#schedulerName = name;
    this.#scheduler = scheduler;
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
