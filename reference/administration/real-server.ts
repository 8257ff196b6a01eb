import type { SchedulableServer } from '../schedulers/scheduler.ts';
import type { Address } from '../wire/ip-address.ts';
import type { ForwardingMethod, ServerAddress, ServerSettings, Tunnel } from './command.ts';
import type { OverloadRules } from './overload.ts';
import { Statistics } from './statistics.ts';
import type { VirtualService } from './virtual-service.ts';

/**
 * A real server of one virtual service. The object outlives its removal while connections refer to it, and serves again
 * with its counters when the same server is added anew (kernel `ip_vs_ctl.c:ip_vs_trash_get_dest`).
 */
export class RealServer implements SchedulableServer {
  /** Names the server in a connection record: a small whole number, unique while a connection refers to the server. */
  readonly id: number;
  readonly address: Address;
  readonly port: number;
  /** The service it serves, or served when it was removed. */
  service: VirtualService;
  /** Whether it stands in its service's list now. Packets of connections to a removed server are dropped. */
  configured = true;
  readonly statistics = new Statistics();
  readonly #overload: OverloadRules;
  #settings: ServerSettings;
  #lastWeight: number;
  #active = 0;
  #inactive = 0;
  #persistent = 0;
  #overloaded = false;

  constructor(
    id: number,
    service: VirtualService,
    { address, port }: ServerAddress,
    settings: ServerSettings,
    overload: OverloadRules,
  ) {
    this.id = id;
    this.service = service;
    this.address = address;
    this.port = port;
    this.#settings = settings;
    this.#lastWeight = settings.weight;
    this.#overload = overload;
  }

  /** For new connections; those that exist keep the method they began with. */
  get method(): ForwardingMethod {
    return this.#settings.method;
  }

  /** For all connections: those that exist change over to another type (`ip_vs_xmit.c:ip_vs_tunnel_xmit`). */
  get tunnel(): Tunnel {
    return this.#settings.tunnel;
  }

  get weight(): number {
    return this.#settings.weight;
  }

  get lastWeight(): number {
    return this.#lastWeight;
  }

  get upperThreshold(): number {
    return this.#settings.upperThreshold;
  }

  get lowerThreshold(): number {
    return this.#settings.lowerThreshold;
  }

  get active(): number {
    return this.#active;
  }

  get inactive(): number {
    return this.#inactive;
  }

  /** Connections in any state. */
  get total(): number {
    return this.#active + this.#inactive;
  }

  /** Persistence templates that bind clients to it (`ipvsadm -L --persistent-conn`). */
  get persistent(): number {
    return this.#persistent;
  }

  get overloaded(): boolean {
    return this.#overloaded;
  }

  /** The removed server is added again, to the same service or one that took its place. */
  serveAgain(service: VirtualService, settings: ServerSettings): void {
    if (service !== this.service) this.statistics.zero();
    this.service = service;
    this.configured = true;
    this.edit(settings);
    this.#lastWeight = settings.weight;
  }

  edit(settings: ServerSettings): void {
    const { upperThreshold } = this.#settings;
    this.#settings = settings;
    if (settings.weight > 0) this.#lastWeight = settings.weight;
    this.#overloaded = this.#overload.afterEdit(this, upperThreshold);
  }

  /** A connection to it was made; one of its own begins as inactive (`ip_vs_conn.c:ip_vs_bind_dest`). */
  bind(active = false): void {
    if (active) this.#active += 1;
    else this.#inactive += 1;
    this.#overloaded = this.#overload.afterBind(this);
  }

  /** A persistence template to it was made. */
  bindTemplate(): void {
    this.#persistent += 1;
    if (this.#overload.looksAtTemplates) this.#overloaded = this.#overload.afterBind(this);
  }

  /** A persistence template to it ended. */
  unbindTemplate(): void {
    this.#persistent -= 1;
    if (this.#overload.looksAtTemplates) this.#overloaded = this.#overload.afterUnbind(this);
  }

  /** A connection came into an active state. */
  activate(): void {
    this.#inactive -= 1;
    this.#active += 1;
  }

  /** A connection left the active states. */
  deactivate(): void {
    this.#active -= 1;
    this.#inactive += 1;
  }

  /** A connection to it ended, in an active state or not. */
  unbind(active: boolean): void {
    if (active) this.#active -= 1;
    else this.#inactive -= 1;
    this.#overloaded = this.#overload.afterUnbind(this);
  }
}
