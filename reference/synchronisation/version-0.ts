import { readSequences, SEQUENCE_FLAGS, SEQUENCE_LENGTH, type SyncEntry, writeSequences } from './sync-entry.ts';

/**
 * An entry of version 0 (ip_vs_sync.c:ip_vs_sync_conn_v0): IPv4 only, without timeout and mark.
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+---------------+
 *  |   0   |protocol|  client port |  0
 *  +-------+-------+---------------+
 *  | virtual port  |  dest. port   |  4
 *  +---------------+---------------+
 *  |        client address         |  8
 *  |        virtual address        |  12
 *  |      destination address      |  16
 *  +---------------+---------------+
 *  |     flags     |     state     |  20
 *  +---------------+---------------+
 *  |  sequences, 24 bytes, where   |  24
 *  |  the flags say so             |
 * ```
 */
const ENTRY = {
  protocol: 1,
  clientPort: 2,
  virtualPort: 4,
  destinationPort: 6,
  clientAddress: 8,
  virtualAddress: 12,
  destinationAddress: 16,
  flags: 20,
  state: 22,
  length: 24,
} as const;

/** The sequences are a piece of the sender's memory; every machine that runs IPVS today is little-endian. */
const MEMORY_IS_LITTLE_ENDIAN = true;

const hasSequences = (flags: number): boolean => (flags & SEQUENCE_FLAGS) !== 0;

export function entryLengthV0({ flags }: SyncEntry): number {
  return ENTRY.length + (hasSequences(flags) ? SEQUENCE_LENGTH : 0);
}

/** Writes the entry at `at`; its bytes are zero. Flags above bit 15 have no room. */
export function writeEntryV0(view: DataView, at: number, entry: SyncEntry): void {
  view.setUint8(at + ENTRY.protocol, entry.protocol);
  view.setUint16(at + ENTRY.clientPort, entry.clientPort);
  view.setUint16(at + ENTRY.virtualPort, entry.virtualPort);
  view.setUint16(at + ENTRY.destinationPort, entry.destinationPort);
  view.setUint32(at + ENTRY.clientAddress, Number(entry.clientAddress));
  view.setUint32(at + ENTRY.virtualAddress, Number(entry.virtualAddress));
  view.setUint32(at + ENTRY.destinationAddress, Number(entry.destinationAddress));
  view.setUint16(at + ENTRY.flags, entry.flags);
  view.setUint16(at + ENTRY.state, entry.state);
  if (hasSequences(entry.flags) && entry.sequences !== undefined) {
    writeSequences(view, at + ENTRY.length, entry.sequences, MEMORY_IS_LITTLE_ENDIAN);
  }
}

/** The entry at `at` and where the next one begins; a text where the datagram ends before the entry does (ip_vs_sync.c:ip_vs_process_message_v0). */
export function readEntryV0(view: DataView, at: number): { readonly entry: SyncEntry; readonly next: number } | string {
  if (at + ENTRY.length > view.byteLength) return 'the datagram ends within an entry';
  const flags = view.getUint16(at + ENTRY.flags);
  const next = at + ENTRY.length + (hasSequences(flags) ? SEQUENCE_LENGTH : 0);
  if (next > view.byteLength) return 'the datagram ends within the sequences of an entry';
  const entry: SyncEntry = {
    protocol: view.getUint8(at + ENTRY.protocol),
    clientAddress: view.getUint32(at + ENTRY.clientAddress),
    clientPort: view.getUint16(at + ENTRY.clientPort),
    virtualAddress: view.getUint32(at + ENTRY.virtualAddress),
    virtualPort: view.getUint16(at + ENTRY.virtualPort),
    destinationAddress: view.getUint32(at + ENTRY.destinationAddress),
    destinationPort: view.getUint16(at + ENTRY.destinationPort),
    flags,
    state: view.getUint16(at + ENTRY.state),
    timeout: 0,
    mark: 0,
  };
  if (!hasSequences(flags)) return { entry, next };
  return { entry: { ...entry, sequences: readSequences(view, at + ENTRY.length, MEMORY_IS_LITTLE_ENDIAN) }, next };
}
