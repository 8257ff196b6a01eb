import type { Settings } from '../administration/settings.ts';
import type { Clock } from '../clock.ts';
import { FLAG, NONE } from '../connections/connection-record.ts';
import type { ConnectionTable } from '../connections/connection-table.ts';
import { isIpv6 } from '../wire/ip-address.ts';
import { SyncDecision } from './sync-decision.ts';
import { SEQUENCE_FLAGS, type SequencePair, type SyncEntry } from './sync-entry.ts';
import { SyncSender } from './sync-sender.ts';

/** `IP_VS_CONN_F_NFCT`. Version 0 has no room for it. */
const TRACKED = 0x1_0000;

export interface SyncMasterOptions {
  readonly table: ConnectionTable;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly sequences: ReadonlyMap<number, SequencePair>;
  /** Whether the connection is kept in the host's connection tracking. */
  readonly isTracked: (connection: number) => boolean;
  readonly syncId: number;
  /** Bytes of a message. */
  readonly maxLength: number;
  /** How many threads fill and send messages. */
  readonly threads: number;
  readonly send: (thread: number, message: Uint8Array) => void;
}

/** Tells other directors of connections, so that they can go on with them (ip_vs_sync.c:ip_vs_sync_conn). */
export class SyncMaster {
  readonly #options: SyncMasterOptions;
  readonly #decision: SyncDecision;
  readonly #senders: readonly SyncSender[];

  constructor(options: SyncMasterOptions) {
    const { table, settings, clock, syncId, maxLength, threads, send } = options;
    this.#options = options;
    this.#decision = new SyncDecision(table, settings, clock);
    const queueLimit = (): number => settings.get('vs.sync_qlen_max');
    this.#senders = Array.from(
      { length: threads },
      (_, thread) => new SyncSender({ clock, syncId, maxLength, queueLimit, send: (message) => send(thread, message) }),
    );
  }

  /** Something became of the connection: tells of it and of what it hangs on, where that is worth it. `packets` is the client's packets so far. */
  tell(connection: number, packets: number): void {
    const { table, settings } = this.#options;
    const version = settings.get('vs.sync_version') === 0 ? 0 : 1;
    // It has no room for the addresses (ip_vs_sync_conn_v0).
    if (version === 0 && isIpv6(table.clientAddress(connection))) return;
    let count = packets;
    for (let next = connection; next !== NONE;) {
      const isDue = this.#decision.isDue(next, count);
      if (isDue) this.#senders[next % this.#senders.length]?.add(version, this.#entry(next));
      // Version 0 tells of what a connection hangs on only together with the connection (ip_vs_sync_conn_v0).
      else if (version === 0) return;
      next = table.control(next);
      if (next !== NONE) count = this.#countOfControl(next);
    }
  }

  stop(): void {
    for (const sender of this.#senders) sender.stop();
  }

  /** A template counts the packets of its connections; any other controlling connection is always at the threshold. */
  #countOfControl(control: number): number {
    const { table, settings } = this.#options;
    if ((table.flags(control) & FLAG.template) === 0) return settings.get('vs.sync_threshold');
    const packets = table.packets(control) + 1;
    table.setPackets(control, packets);
    return packets;
  }

  #entry(connection: number): SyncEntry {
    const { table, sequences, isTracked } = this.#options;
    const flags = (table.flags(connection) & ~FLAG.hashed) | (isTracked(connection) ? TRACKED : 0);
    const moved = (flags & SEQUENCE_FLAGS) === 0 ? undefined : sequences.get(connection);
    return {
      protocol: table.protocol(connection),
      clientAddress: table.clientAddress(connection),
      clientPort: table.clientPort(connection),
      virtualAddress: table.virtualAddress(connection),
      virtualPort: table.virtualPort(connection),
      destinationAddress: table.destinationAddress(connection),
      destinationPort: table.destinationPort(connection),
      flags,
      state: table.state(connection),
      timeout: Math.floor(table.timeout(connection) / 1000),
      mark: table.mark(connection),
      ...(moved === undefined ? {} : { sequences: moved }),
    };
  }
}
