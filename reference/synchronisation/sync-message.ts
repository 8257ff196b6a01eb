import type { SyncEntry } from './sync-entry.ts';
import { entryLengthV0, readEntryV0, writeEntryV0 } from './version-0.ts';
import { entryLengthV1, readEntryV1, writeEntryV1 } from './version-1.ts';

export type SyncVersion = 0 | 1;

/**
 * A datagram of the synchronisation protocol (ip_vs_sync.c, "multicasts messages"). Version 0 has four bytes before its entries; in version 1
 * the first byte is zero, so that who knows version 0 only finds no entry.
 *
 * ```
 *  0       1       2       3                 0       1       2       3
 *  +-------+-------+---------------+         +-------+-------+---------------+
 *  | count |sync id|     size      |  0      |   0   |sync id|     size      |  0
 *  +-------+-------+---------------+         +-------+-------+---------------+
 *  | entries of version 0          |  4      | count |   1   |       0       |  4
 *                                            +-------+-------+---------------+
 *                                            | entries of version 1          |  8
 * ```
 */
const HEADER = { countV0: 0, syncId: 1, size: 2, countV1: 4, version: 5, spare: 6 } as const;

/** Bytes before the first entry. */
export const SYNC_HEADER_LENGTH: Readonly<Record<SyncVersion, number>> = { 0: 4, 1: 8 };

export interface SyncMessage {
  readonly version: SyncVersion;
  /** Tells groups of directors on one network apart. */
  readonly syncId: number;
  readonly entries: readonly SyncEntry[];
  /** Why the rest of the datagram was not read; the entries before it count. */
  readonly fault?: string;
}

/** Bytes of an entry, without the padding before the next. */
export function entryLength(version: SyncVersion, entry: SyncEntry): number {
  return version === 0 ? entryLengthV0(entry) : entryLengthV1(entry);
}

/** Where an entry begins that follows on what ends at `end`: only version 1 pads, and not behind the last one. */
export function entryStart(version: SyncVersion, end: number): number {
  return version === 0 ? end : (end + 3) & ~3;
}

/** The count of entries has eight bits: of more than 255, so many are told as fit into it, as from the kernel. */
export function encodeSyncMessage({ version, syncId, entries }: SyncMessage): Uint8Array {
  let size = SYNC_HEADER_LENGTH[version];
  for (const entry of entries) size = entryStart(version, size) + entryLength(version, entry);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint8(HEADER.syncId, syncId);
  view.setUint16(HEADER.size, size);
  view.setUint8(version === 0 ? HEADER.countV0 : HEADER.countV1, entries.length);
  if (version === 1) view.setUint8(HEADER.version, version);
  let at = SYNC_HEADER_LENGTH[version];
  for (const entry of entries) {
    at = entryStart(version, at);
    if (version === 0) writeEntryV0(view, at, entry);
    else writeEntryV1(view, at, entry);
    at += entryLength(version, entry);
  }
  return bytes;
}

/**
 * What a datagram tells; undefined where it is none of the protocol. Any bytes will do. A datagram that goes wrong somewhere is believed up to
 * there, as by the kernel (ip_vs_sync.c:ip_vs_process_message).
 */
export function decodeSyncMessage(bytes: Uint8Array): SyncMessage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < SYNC_HEADER_LENGTH[0] || view.getUint16(HEADER.size) !== bytes.length) return undefined;
  const syncId = view.getUint8(HEADER.syncId);
  const version = versionOf(view);
  const entries: SyncEntry[] = [];
  const count = view.getUint8(version === 0 ? HEADER.countV0 : HEADER.countV1);
  let at = SYNC_HEADER_LENGTH[version];
  for (let left = count; left > 0; left -= 1) {
    const read = version === 0 ? readEntryV0(view, at) : readEntryV1(view, at);
    if (typeof read === 'string') return { version, syncId, entries, fault: read };
    if (read.entry !== undefined) entries.push(read.entry);
    at = read.next;
  }
  return { version, syncId, entries };
}

function versionOf(view: DataView): SyncVersion {
  if (view.byteLength < SYNC_HEADER_LENGTH[1]) return 0;
  const isNew = view.getUint8(HEADER.version) === 1 && view.getUint8(HEADER.countV0) === 0;
  return isNew && view.getUint16(HEADER.spare) === 0 ? 1 : 0;
}
