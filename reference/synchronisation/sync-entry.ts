import type { Address } from '../wire/ip-address.ts';

/** A connection, or a persistence template, as one director tells it to another. Addresses and ports host order. */
export interface SyncEntry {
  readonly protocol: number;
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly virtualAddress: Address;
  readonly virtualPort: number;
  readonly destinationAddress: Address;
  readonly destinationPort: number;
  readonly flags: number;
  readonly state: number;
  /** Seconds. Version 0 does not carry it: 0. */
  readonly timeout: number;
  /** The firewall mark of the packet that made the connection. Version 0 does not carry it: 0. */
  readonly mark: number;
  /** There exactly where {@link SEQUENCE_FLAGS} are set in version 0; an option of its own in version 1. */
  readonly sequences?: SequencePair;
  /** What a persistence engine knows the client by, and the engine's name. Version 1 only. */
  readonly engineData?: Uint8Array;
  readonly engineName?: string;
}

/** How far sequence numbers are moved in each direction (kernel `struct ip_vs_seq`). */
export interface SequencePair {
  readonly towardsServer: SequenceShift;
  readonly towardsClient: SequenceShift;
}

export interface SequenceShift {
  /** From this number on by `delta`, before it by `previousDelta`. */
  readonly from: number;
  readonly delta: number;
  readonly previousDelta: number;
}

/** Flags that say that there are sequence numbers to move (`IP_VS_CONN_F_SEQ_MASK`). */
export const SEQUENCE_FLAGS = 0x0600;

/** Both shifts: three numbers of 32 bits each. */
export const SEQUENCE_LENGTH = 24;

export function readSequences(view: DataView, at: number, littleEndian: boolean): SequencePair {
  const shift = (start: number): SequenceShift => ({
    from: view.getUint32(start, littleEndian),
    delta: view.getUint32(start + 4, littleEndian),
    previousDelta: view.getUint32(start + 8, littleEndian),
  });
  return { towardsServer: shift(at), towardsClient: shift(at + SEQUENCE_LENGTH / 2) };
}

export function writeSequences(view: DataView, at: number, sequences: SequencePair, littleEndian: boolean): void {
  const { towardsServer, towardsClient } = sequences;
  for (const [index, { from, delta, previousDelta }] of [towardsServer, towardsClient].entries()) {
    const start = at + (index * SEQUENCE_LENGTH) / 2;
    view.setUint32(start, from, littleEndian);
    view.setUint32(start + 4, delta, littleEndian);
    view.setUint32(start + 8, previousDelta, littleEndian);
  }
}
