import type { RealServer } from '../administration/real-server.ts';
import type { ServiceTable } from '../administration/service-table.ts';
import type { Settings } from '../administration/settings.ts';
import type { Ftp } from '../applications/ftp.ts';
import { FLAG, METHOD, METHOD_MASK, NONE } from '../connections/connection-record.ts';
import type { ConnectionTracker } from '../connections/connection-tracker.ts';
import { SCTP_STATE_NAMES } from '../connections/sctp-states.ts';
import { TCP_STATE_NAMES } from '../connections/tcp-states.ts';
import { sctpTimeout, type Timeouts } from '../connections/timeouts.ts';
import type { Profile } from '../profile.ts';
import { PROTOCOL } from '../wire/ipv4.ts';
import { SEQUENCE_FLAGS, type SequencePair, type SyncEntry } from './sync-entry.ts';
import { decodeSyncMessage } from './sync-message.ts';

/** Flags that a new connection takes from a message, and those that one has anew with every message (`IP_VS_CONN_F_BACKUP_MASK`, `…_UPD_MASK`). */
const TAKEN_FLAGS = METHOD_MASK | FLAG.noOutput | FLAG.inactive | SEQUENCE_FLAGS | FLAG.noClientPort | FLAG.template;
const UPDATED_FLAGS = FLAG.inactive | SEQUENCE_FLAGS;
/** Every datagram is scheduled by itself, so there is nothing to tell of (`IP_VS_CONN_F_ONE_PACKET`). */
const ONE_PACKET = 0x2000;

/** How many states the protocols have that are known (`ip_vs_proto_*.c`, `num_states`). */
const STATES: Readonly<Partial<Record<number, number>>> = {
  [PROTOCOL.tcp]: TCP_STATE_NAMES.length,
  [PROTOCOL.udp]: 1,
  [PROTOCOL.sctp]: SCTP_STATE_NAMES.length,
  [PROTOCOL.ah]: 1,
  [PROTOCOL.esp]: 1,
};
/** More than any state there is. */
const NO_STATE = 0xff;
/** A template is assured or not. */
const TEMPLATE_STATES = 2;

/** Persistence engines whose data can be told of. */
const ENGINES: ReadonlySet<string | undefined> = new Set(['sip']);

/** Milliseconds for what has no timeout of its own, in version 0: templates, AH and ESP. */
const OTHER_TIMEOUT = 180_000;
/** Milliseconds that a record has room for: 49 days. */
const LONGEST_TIMEOUT = 0xffff_ffff;

export interface SyncBackupOptions {
  readonly profile: Profile;
  readonly settings: Settings;
  readonly services: ServiceTable;
  readonly tracker: ConnectionTracker;
  readonly timeouts: Timeouts;
  readonly ftp: Ftp;
  readonly sequences: Map<number, SequencePair>;
  /** 0 listens to everybody. */
  readonly syncId: number;
  /** Bytes; what a longer message has more is cut off. */
  readonly maxLength: number;
}

/** Listens to other directors and keeps the connections they tell of (ip_vs_sync.c:ip_vs_process_message, ip_vs_proc_conn). */
export class SyncBackup {
  readonly #options: SyncBackupOptions;

  constructor(options: SyncBackupOptions) {
    this.#options = options;
  }

  /** A datagram of the group. Any bytes will do. */
  receive(datagram: Uint8Array): void {
    const { syncId, maxLength } = this.#options;
    const message = decodeSyncMessage(datagram.subarray(0, maxLength));
    if (message === undefined || (syncId !== 0 && message.syncId !== syncId)) return;
    for (const entry of message.entries) if (this.#isSensible(entry)) this.#take(entry);
  }

  #isSensible({ protocol, flags, state, engineData, engineName }: SyncEntry): boolean {
    const { profile } = this.#options;
    const isTemplate = (flags & FLAG.template) !== 0;
    const isOdd = (flags & ONE_PACKET) !== 0 || (isTemplate && (flags & FLAG.noClientPort) !== 0);
    if (isOdd && profile.oddSynchronisedFlags === 'refused') return false;
    if (engineData !== undefined && !ENGINES.has(engineName)) return false;
    if (isTemplate) return state < TEMPLATE_STATES || profile.oddTemplateStates === 'taken';
    const states = STATES[protocol];
    return states !== undefined && state < states;
  }

  #take(entry: SyncEntry): void {
    const { settings, tracker, sequences } = this.#options;
    const { table } = tracker;
    const flags = entry.flags & TAKEN_FLAGS;
    const known = this.#find(entry, flags);
    if (known === 'replaced') return;
    const connection = known === NONE ? this.#create(entry, flags) : known;
    if (known !== NONE) this.#update(known, entry, flags);
    if (entry.sequences !== undefined) sequences.set(connection, entry.sequences);
    table.setPackets(connection, settings.get('vs.sync_threshold'));
    // Only templates can have a state beyond those there are; where it is kept, so is that it is none.
    table.setState(connection, Math.min(entry.state, NO_STATE));
    table.setToldState(connection, table.state(connection));
    table.setTimeout(connection, this.#timeout(entry, flags));
    tracker.rearm(connection);
  }

  /** The connection that is told of. One to another server gives way, unless this is the late news of the end of its predecessor. */
  #find(told: SyncEntry, flags: number): number | 'replaced' {
    const { tracker } = this.#options;
    const { table } = tracker;
    const { protocol, clientAddress, clientPort, virtualAddress, virtualPort } = told;
    if ((flags & FLAG.template) !== 0) {
      return table.findTemplate(protocol, clientAddress, clientPort, virtualAddress, virtualPort);
    }
    const found = table.findIn(protocol, clientAddress, clientPort, virtualAddress, virtualPort);
    if (found === NONE) return NONE;
    const sameServer =
      table.destinationAddress(found) === told.destinationAddress &&
      table.destinationPort(found) === told.destinationPort;
    if (sameServer) return found;
    if ((flags & FLAG.inactive) !== 0) return 'replaced';
    tracker.expireNow(found);
    return NONE;
  }

  #create(entry: SyncEntry, flags: number): number {
    const { tracker, ftp } = this.#options;
    const connection = tracker.adopt(this.#server(entry, entry.mark, flags), entry, flags);
    tracker.table.setMark(connection, entry.mark);
    ftp.bind(connection);
    return connection;
  }

  #update(connection: number, entry: SyncEntry, flags: number): void {
    const { tracker, ftp } = this.#options;
    const { table } = tracker;
    const server = tracker.server(connection);
    const before = table.flags(connection);
    if (((before ^ flags) & FLAG.inactive) !== 0 && (flags & FLAG.template) === 0) {
      if ((flags & FLAG.inactive) === 0) server?.activate();
      else server?.deactivate();
    }
    table.setFlags(connection, (flags & UPDATED_FLAGS) | (before & ~UPDATED_FLAGS));
    if (server !== undefined) return;
    const found = this.#server(entry, table.mark(connection), before);
    if (found === undefined) return;
    tracker.bindAdopted(connection, found);
    ftp.bind(connection);
  }

  /** The server of the message, as it is configured here (ip_vs_ctl.c:ip_vs_find_dest): with its port, or with none; of a mark's service under VS/TUN and VS/DR first with none. */
  #server(entry: SyncEntry, mark: number, flags: number): RealServer | undefined {
    const { services } = this.#options;
    const { protocol, virtualAddress, virtualPort, destinationAddress: address, destinationPort: port } = entry;
    const service = services.find(mark, protocol, virtualAddress, virtualPort);
    const portless = mark !== 0 && (flags & METHOD_MASK) !== METHOD.nat;
    const ports = portless ? [0, port] : [port, 0];
    for (const candidate of ports) {
      const server = service?.server({ address, port: candidate });
      if (server !== undefined) return server;
    }
    return undefined;
  }

  #timeout({ protocol, state, timeout }: SyncEntry, flags: number): number {
    if (timeout !== 0) return Math.min(timeout * 1000, LONGEST_TIMEOUT);
    const { timeouts } = this.#options;
    if ((flags & FLAG.template) !== 0) return OTHER_TIMEOUT;
    if (protocol === PROTOCOL.tcp) return timeouts.tcp(state) * 1000;
    if (protocol === PROTOCOL.sctp) return sctpTimeout(state) * 1000;
    return protocol === PROTOCOL.udp ? timeouts.udp * 1000 : OTHER_TIMEOUT;
  }
}
