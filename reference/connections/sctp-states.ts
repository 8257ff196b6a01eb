import { CHUNK, CHUNK_TYPE, paddedChunk } from '../wire/sctp-chunk.ts';

/**
 * SCTP states as the director tracks them, with the kernel's names and numbers (`uapi/linux/ip_vs.h`). They are those of RFC 9260 §4 as the
 * server has them, and some more that tell what of the handshake was seen: INIT_ACK is the server's in C-SENT, the client's in COOKIE.
 */
export const SCTP_STATE_NAMES = [
  'NONE',
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'REJECTED',
  'CLOSED',
] as const;

export type SctpState = (typeof SCTP_STATE_NAMES)[number];

/** Number of each state: its place in {@link SCTP_STATE_NAMES}. */
export const SCTP_STATE = {
  NONE: 0,
  INIT1: 1,
  INIT: 2,
  'C-SENT': 3,
  'C-REPLIED': 4,
  'C-WAIT': 5,
  COOKIE: 6,
  'C-ECHOED': 7,
  ESTABLISHED: 8,
  'S-SENT': 9,
  'S-RECEIVED': 10,
  'S-ACK-SENT': 11,
  REJECTED: 12,
  CLOSED: 13,
} as const satisfies Record<SctpState, number>;

/** What a packet's chunk means to the state machine; `DATA` is every chunk that stands for none of the others. */
export const SCTP_EVENT = {
  DATA: 0,
  INIT: 1,
  INIT_ACK: 2,
  COOKIE_ECHO: 3,
  COOKIE_ACK: 4,
  SHUTDOWN: 5,
  SHUTDOWN_ACK: 6,
  SHUTDOWN_COMPLETE: 7,
  ERROR: 8,
  ABORT: 9,
} as const;

export type SctpEvent = keyof typeof SCTP_EVENT;

/** A row of a table: the next state for each present state, in the order of {@link SCTP_STATE_NAMES}. */
export type SctpRow = readonly [
  none: number,
  init1: number,
  init: number,
  cookieSent: number,
  cookieReplied: number,
  cookieWait: number,
  cookie: number,
  cookieEchoed: number,
  established: number,
  shutdownSent: number,
  shutdownReceived: number,
  shutdownAckSent: number,
  rejected: number,
  closed: number,
];

/** One direction of the state machine: a row for each event, in the order of {@link SCTP_EVENT}. */
export type SctpTable = readonly [
  data: SctpRow,
  init: SctpRow,
  initAck: SctpRow,
  cookieEcho: SctpRow,
  cookieAck: SctpRow,
  shutdown: SctpRow,
  shutdownAck: SctpRow,
  shutdownComplete: SctpRow,
  error: SctpRow,
  abort: SctpRow,
];

/** The event of each chunk type; the others carry data or keep the path alive (ip_vs_proto_sctp.c:sctp_events). */
const EVENT_OF_CHUNK: Readonly<Partial<Record<number, number>>> = {
  [CHUNK_TYPE.init]: SCTP_EVENT.INIT,
  [CHUNK_TYPE.initAck]: SCTP_EVENT.INIT_ACK,
  [CHUNK_TYPE.abort]: SCTP_EVENT.ABORT,
  [CHUNK_TYPE.shutdown]: SCTP_EVENT.SHUTDOWN,
  [CHUNK_TYPE.shutdownAck]: SCTP_EVENT.SHUTDOWN_ACK,
  [CHUNK_TYPE.error]: SCTP_EVENT.ERROR,
  [CHUNK_TYPE.cookieEcho]: SCTP_EVENT.COOKIE_ECHO,
  [CHUNK_TYPE.cookieAck]: SCTP_EVENT.COOKIE_ACK,
  [CHUNK_TYPE.shutdownComplete]: SCTP_EVENT.SHUTDOWN_COMPLETE,
};

/**
 * The event of the chunks from `start` to `end`, of which the first is wholly there: its own, but for an ABORT that RFC 9260 §3.3.7 lets
 * stand behind the last two steps of the handshake (ip_vs_proto_sctp.c:set_sctp_state).
 */
export function sctpEvent(view: DataView, start: number, end: number): number {
  const type = view.getUint8(start + CHUNK.type);
  if (type === CHUNK_TYPE.cookieEcho || type === CHUNK_TYPE.cookieAck) {
    const length = view.getUint16(start + CHUNK.length);
    const next = start + paddedChunk(length);
    const isThere = length >= CHUNK.headerLength && next + CHUNK.headerLength <= end;
    if (isThere && view.getUint8(next + CHUNK.type) === CHUNK_TYPE.abort) return SCTP_EVENT.ABORT;
  }
  return EVENT_OF_CHUNK[type] ?? SCTP_EVENT.DATA;
}
