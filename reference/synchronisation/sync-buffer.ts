import type { SyncEntry } from './sync-entry.ts';
import { encodeSyncMessage, entryLength, entryStart, SYNC_HEADER_LENGTH, type SyncVersion } from './sync-message.ts';

/** A message that is being filled (ip_vs_sync.c:ip_vs_sync_buff_create). */
export class SyncBuffer {
  readonly version: SyncVersion;
  /** The instant (ms) at which its first entry came. */
  readonly begun: number;
  readonly #syncId: number;
  readonly #limit: number;
  readonly #entries: SyncEntry[] = [];
  #length: number;

  /** @param limit bytes of the message; one entry has room always. */
  constructor(version: SyncVersion, syncId: number, limit: number, now: number) {
    this.version = version;
    this.begun = now;
    this.#syncId = syncId;
    this.#limit = limit;
    this.#length = SYNC_HEADER_LENGTH[version];
  }

  /** Whether there is room for the entry. */
  fits(entry: SyncEntry): boolean {
    return this.#entries.length === 0 || this.#lengthWith(entry) <= this.#limit;
  }

  add(entry: SyncEntry): void {
    this.#length = this.#lengthWith(entry);
    this.#entries.push(entry);
  }

  message(): Uint8Array {
    return encodeSyncMessage({ version: this.version, syncId: this.#syncId, entries: this.#entries });
  }

  #lengthWith(entry: SyncEntry): number {
    return entryStart(this.version, this.#length) + entryLength(this.version, entry);
  }
}
