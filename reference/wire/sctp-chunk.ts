import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import { fromHex, toHex } from './hex.ts';
import type { ChunkFields, LayerOf } from './layer.ts';

/**
 * A chunk of SCTP (RFC 9260 §3.2). `length` counts the chunk without the zeros that fill it up to a multiple of 4.
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+---------------+
 *  | type  | flags |    length     |  0
 *  +-------+-------+---------------+
 *  |   value, filled up with zeros |  4
 * ```
 */
export const CHUNK = { type: 0, flags: 1, length: 2, headerLength: 4 } as const;

/** RFC 9260 §3.2, table 1. */
export const CHUNK_TYPE = {
  data: 0,
  init: 1,
  initAck: 2,
  sack: 3,
  heartbeat: 4,
  heartbeatAck: 5,
  abort: 6,
  shutdown: 7,
  shutdownAck: 8,
  error: 9,
  cookieEcho: 10,
  cookieAck: 11,
  ecne: 12,
  cwr: 13,
  shutdownComplete: 14,
} as const;

/** As tcpdump and tshark name them, in the order of their numbers. */
const NAMES = [
  'DATA',
  'INIT',
  'INIT_ACK',
  'SACK',
  'HEARTBEAT',
  'HEARTBEAT_ACK',
  'ABORT',
  'SHUTDOWN',
  'SHUTDOWN_ACK',
  'ERROR',
  'COOKIE_ECHO',
  'COOKIE_ACK',
  'ECNE',
  'CWR',
  'SHUTDOWN_COMPLETE',
];

export const CHUNK_FIELDS: FieldRanges<ChunkFields> = {
  type: { offset: CHUNK.type, length: 1 },
  flags: { offset: CHUNK.flags, length: 1 },
  length: { offset: CHUNK.length, length: 2 },
  data: { offset: CHUNK.headerLength, length: Infinity },
};

/** Fields of the chunk whose first `length` bytes are there, the padding among them. A value cut short is left out. */
export function parseChunk(view: DataView, start: number, length: number): LayerOf<'chunk'> {
  if (length < CHUNK.headerLength) return parseCutShort(parseChunk, CHUNK_FIELDS, view, start, length, 4);
  const stated = view.getUint16(start + CHUNK.length);
  const value = start + CHUNK.headerLength;
  const isWhole = stated >= CHUNK.headerLength && stated <= length;
  return {
    kind: 'chunk',
    type: view.getUint8(start + CHUNK.type),
    flags: view.getUint8(start + CHUNK.flags),
    length: stated,
    ...(isWhole
      ? { data: toHex(new Uint8Array(view.buffer, view.byteOffset + value, stated - CHUNK.headerLength)) }
      : {}),
  };
}

/** Bytes that {@link buildChunk} writes: those of the value and what fills them up to a multiple of 4. */
export function chunkLength({ data = '' }: ChunkFields): number {
  return paddedChunk(CHUNK.headerLength + fromHex(data, 'chunk.data').length);
}

/** A chunk's length with its padding. */
export function paddedChunk(length: number): number {
  return (length + 3) & ~3;
}

/** Writes the chunk at `start`. Left out: DATA, the length as it should be, no flags, no value. */
export function buildChunk(view: DataView, start: number, fields: ChunkFields): void {
  const value = fromHex(fields.data ?? '', 'chunk.data');
  view.setUint8(start + CHUNK.type, checkedField('chunk.type', fields.type ?? CHUNK_TYPE.data, 0xff));
  view.setUint8(start + CHUNK.flags, checkedField('chunk.flags', fields.flags ?? 0, 0xff));
  const length = fields.length ?? CHUNK.headerLength + value.length;
  view.setUint16(start + CHUNK.length, checkedField('chunk.length', length, 0xffff));
  const area = new Uint8Array(view.buffer, view.byteOffset + start + CHUNK.headerLength, chunkLength(fields) - 4);
  area.fill(0);
  area.set(value);
}

/** `[INIT]`, `[DATA 5]` with the bytes of the value, `[type 99]` */
export function describeChunk({ type, data = '' }: ChunkFields): string {
  const name = type === undefined ? '?' : (NAMES[type] ?? `type ${type}`);
  return data === '' ? `[${name}]` : `[${name} ${data.length / 2}]`;
}
