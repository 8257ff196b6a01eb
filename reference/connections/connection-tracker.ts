import type { RealServer } from '../administration/real-server.ts';
import type { ServiceTable } from '../administration/service-table.ts';
import type { Clock } from '../clock.ts';
import type { Address } from '../wire/ip-address.ts';
import { FLAG, METHOD, METHOD_MASK, NONE, NO_SERVER } from './connection-record.ts';
import { ConnectionTable } from './connection-table.ts';
import { compileTables, DIRECTION, nextState, type CompiledTables } from './state-machine.ts';
import { SECURE_TCP_TABLES } from './secure-tcp-tables.ts';
import { TCP_STATE, compileTcpTables, isActive, tcpEvent } from './tcp-states.ts';
import { SCTP_STATE } from './sctp-states.ts';
import { SCTP_TABLES } from './sctp-tables.ts';
import { NEW_CONNECTION_TIMEOUT, sctpTimeout, type Timeouts } from './timeouts.ts';

const SECURE_TCP = compileTcpTables(SECURE_TCP_TABLES);

/** Milliseconds that a connection which others hang on lives on each time it would expire (ip_vs_conn.c:ip_vs_conn_expire). */
const BUSY_TIMEOUT = 60_000;

/** States of a persistence template (`IP_VS_CTPL_S_*`). */
export const TEMPLATE_STATE = { NONE: 0, ASSURED: 1 } as const;

const SCTP_MACHINE = compileTables(SCTP_TABLES);

/** A connection's two ends and the virtual address between them. Ports in host order. */
export interface Endpoints {
  readonly protocol: number;
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly virtualAddress: Address;
  readonly virtualPort: number;
  readonly destinationAddress: Address;
  readonly destinationPort: number;
}

export interface ConnectionTrackerOptions {
  readonly clock: Clock;
  readonly services: ServiceTable;
  readonly tcp: CompiledTables;
  readonly timeouts: Timeouts;
}

/** Lives of connections: creation, state, timer, end, and the counts that their servers keep of them (paper P12, P14, P16). */
export class ConnectionTracker {
  readonly table = new ConnectionTable();
  /** `secure_tcp` is in effect. */
  isSecure = false;
  readonly #options: ConnectionTrackerOptions;
  readonly #endListeners: ((connection: number) => void)[] = [];
  readonly #putOffListeners: ((connection: number) => void)[] = [];
  /** The instant (ms) up to which nothing is due any more. */
  #expiredUntil = 0;

  constructor(options: ConnectionTrackerOptions) {
    this.#options = options;
  }

  /** `listener` is told of every connection that ends, while it is still in the table. */
  whenEnded(listener: (connection: number) => void): void {
    this.#endListeners.push(listener);
  }

  /** `listener` is told of every connection that would have ended, did not others hang on it. */
  whenPutOff(listener: (connection: number) => void): void {
    this.#putOffListeners.push(listener);
  }

  /** The real server of a connection; undefined where another director told of it and the server is not configured here. */
  server(connection: number): RealServer | undefined {
    const server = this.table.server(connection);
    return server === NO_SERVER ? undefined : this.#options.services.server(server);
  }

  /** A packet to the connection's server, of so many bytes, counts in the statistics. */
  countIn(connection: number, bytes: number): void {
    const server = this.server(connection);
    if (server !== undefined) this.#options.services.countIn(server, bytes);
  }

  /** A packet from the connection's server. */
  countOut(connection: number, bytes: number): void {
    const server = this.server(connection);
    if (server !== undefined) this.#options.services.countOut(server, bytes);
  }

  /** Creates a connection to `server`, by the method that the server has now: later edits do not change it. */
  create(server: RealServer | undefined, endpoints: Endpoints, flags = 0): number {
    const connection = this.#create(endpoints, flags | FLAG.inactive);
    if (server !== undefined) this.#bind(connection, server);
    return connection;
  }

  /**
   * Creates a connection that another director tells of: active or not as it says, by the method of the server here
   * (ip_vs_conn.c:ip_vs_bind_dest), or the one told of where there is no such server.
   */
  adopt(server: RealServer | undefined, endpoints: Endpoints, flags: number): number {
    const connection = this.#create(endpoints, flags | FLAG.synchronised);
    if (server !== undefined) this.bindAdopted(connection, server);
    return connection;
  }

  /** The server of a connection that another director told of is configured here. */
  bindAdopted(connection: number, server: RealServer): void {
    this.table.setFlags(connection, this.table.flags(connection) & ~(METHOD_MASK | FLAG.noOutput));
    this.#bind(connection, server);
  }

  #create(endpoints: Endpoints, flags: number): number {
    const connection = this.table.create({
      ...endpoints,
      flags,
      state: TCP_STATE.NONE,
      timeout: NEW_CONNECTION_TIMEOUT * 1000,
      server: NO_SERVER,
    });
    this.table.setToldUntil(connection, this.#options.clock.now);
    return connection;
  }

  #bind(connection: number, server: RealServer): void {
    const { table } = this;
    // No reply passes the director under VS/TUN and VS/DR, so their connections begin with the half-connection table.
    const method = server.method === 'nat' ? METHOD.nat : METHOD[server.method] | FLAG.noOutput;
    const flags = table.flags(connection) | method;
    table.setFlags(connection, flags);
    table.setServer(connection, server.id);
    if ((flags & FLAG.template) !== 0) server.bindTemplate();
    else server.bind((flags & FLAG.inactive) === 0);
  }

  /** A TCP segment with these flags passes. */
  tcpSegment(connection: number, direction: 'input' | 'output', flags: number): void {
    const tables = this.isSecure ? SECURE_TCP : this.#options.tcp;
    const half = this.#half(connection, direction);
    const state = nextState(tables, half, tcpEvent(flags), this.table.state(connection));
    this.#enter(connection, state, isActive(state), state === TCP_STATE.ESTABLISHED);
    this.table.setTimeout(connection, this.#options.timeouts.tcp(state) * 1000);
  }

  /** An SCTP packet of this event (a number of `SCTP_EVENT`) passes. Active is who is ESTABLISHED (ip_vs_proto_sctp.c:set_sctp_state). */
  sctpPacket(connection: number, direction: 'input' | 'output', event: number): void {
    const state = nextState(SCTP_MACHINE, this.#half(connection, direction), event, this.table.state(connection));
    const isEstablished = state === SCTP_STATE.ESTABLISHED;
    this.#enter(connection, state, isEstablished, isEstablished);
    this.table.setTimeout(connection, sctpTimeout(state) * 1000);
  }

  /** Which of the three tables counts. */
  #half(connection: number, direction: 'input' | 'output'): number {
    const { table } = this;
    if ((table.flags(connection) & FLAG.noOutput) === 0) return DIRECTION[direction];
    if (direction === 'input') return DIRECTION.inputOnly;
    // The first reply that does pass the director ends the half-connection view for good.
    table.setFlags(connection, table.flags(connection) & ~FLAG.noOutput);
    return DIRECTION.output;
  }

  /** A UDP datagram passes: there is one state only (paper P14). */
  udpDatagram(connection: number, direction: 'input' | 'output'): void {
    this.table.setTimeout(connection, this.#options.timeouts.udp * 1000);
    if (direction === 'output') this.#assure(connection);
  }

  /** An expected connection waits for its first segment. */
  listen(connection: number): void {
    this.table.setState(connection, TCP_STATE.LISTEN);
    this.table.setTimeout(connection, this.#options.timeouts.tcp(TCP_STATE.LISTEN) * 1000);
  }

  /** A packet of the connection is done with: its timer runs anew, unless it was for this packet alone (ip_vs_conn.c:ip_vs_conn_put). */
  rearm(connection: number): void {
    if ((this.table.flags(connection) & FLAG.onePacket) !== 0) this.#end(connection);
    else this.table.arm(connection, this.#options.clock.now);
  }

  /** Ends what is due by now, each at its own instant: a leap in time leaves the same connections as many small steps. */
  expire(): void {
    const { now } = this.#options.clock;
    // No step is longer than a busy connection's new lease, so none is due twice within one.
    while (this.#expiredUntil < now && this.table.count > 0) {
      this.#expiredUntil = Math.min(this.#expiredUntil + BUSY_TIMEOUT, now);
      this.#expireUntil(this.#expiredUntil);
    }
    this.#expiredUntil = now;
  }

  #expireUntil(instant: number): void {
    for (const connection of this.table.due(instant)) {
      if (this.table.controlled(connection) > 0) {
        this.table.setTimeout(connection, BUSY_TIMEOUT);
        for (const listener of this.#putOffListeners) listener(connection);
        this.table.arm(connection, this.table.expires(connection));
      } else {
        this.#end(connection);
      }
    }
  }

  /** Ends the connection now, unless others hang on it. */
  expireNow(connection: number): void {
    if (this.table.controlled(connection) === 0) this.#end(connection);
  }

  /** Ends all connections whose server is gone, children before what they hang on (ip_vs_conn.c:ip_vs_expire_nodest_conn_flush). */
  expireOrphans(): void {
    const orphans = [...this.table.handles()].filter((connection) => this.server(connection)?.configured === false);
    orphans.sort((a, b) => this.#depth(b) - this.#depth(a));
    for (const connection of orphans) this.expireNow(connection);
  }

  /** FTP data hangs on a control connection, and that on a template. */
  #depth(connection: number): number {
    const control = this.table.control(connection);
    return control === NONE ? 0 : 1 + this.#depth(control);
  }

  #enter(connection: number, state: number, active: boolean, established: boolean): void {
    const { table } = this;
    const flags = table.flags(connection);
    const wasInactive = (flags & FLAG.inactive) !== 0;
    // Only a change of state counts: a busy data connection that FTP announces anew listens, and stays active.
    if (state !== table.state(connection)) {
      if (wasInactive === active) {
        const server = this.server(connection);
        if (server !== undefined) table.setFlags(connection, flags ^ FLAG.inactive);
        if (wasInactive) server?.activate();
        else server?.deactivate();
      }
      if (established) this.#assure(connection);
    }
    table.setState(connection, state);
  }

  /** The connection came about: its template has proved itself (ip_vs_control_assure_ct). */
  #assure(connection: number): void {
    const { table } = this;
    const template = table.control(connection);
    if (template !== NONE && (table.flags(template) & FLAG.template) !== 0) {
      table.setState(template, table.state(template) | TEMPLATE_STATE.ASSURED);
    }
  }

  #end(connection: number): void {
    const flags = this.table.flags(connection);
    const server = this.server(connection);
    if ((flags & FLAG.template) !== 0) server?.unbindTemplate();
    else server?.unbind((flags & FLAG.inactive) === 0);
    for (const listener of this.#endListeners) listener(connection);
    this.table.remove(connection);
  }
}
