import { compileTables, type CompiledTables, type Direction } from './state-machine.ts';

/**
 * TCP states as the director tracks them, with the kernel's names and numbers (`uapi/linux/ip_vs.h`): the numbers go
 * into connection records, the names into listings.
 *
 * The director never looks at sequence numbers or windows: a segment's flags and its direction are all it knows
 * (kernel `ip_vs_proto_tcp.c:set_tcp_state`).
 */
export const TCP_STATE_NAMES = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
] as const;

export type TcpState = (typeof TCP_STATE_NAMES)[number];

/** Number of each state: its place in {@link TCP_STATE_NAMES}. */
export const TCP_STATE = {
  NONE: 0,
  ESTABLISHED: 1,
  SYN_SENT: 2,
  SYN_RECV: 3,
  FIN_WAIT: 4,
  TIME_WAIT: 5,
  CLOSE: 6,
  CLOSE_WAIT: 7,
  LAST_ACK: 8,
  LISTEN: 9,
  SYNACK: 10,
} as const satisfies Record<TcpState, number>;

/** What a segment's flags mean to the state machine; `NOTHING` is a segment with none of the four flags. */
export const TCP_EVENT = { SYN: 0, FIN: 1, ACK: 2, RST: 3, NOTHING: 4 } as const;

export type TcpEvent = Exclude<keyof typeof TCP_EVENT, 'NOTHING'>;

/** A row of a table: the next state for each present state, in the order of {@link TCP_STATE_NAMES}. */
export type TcpRow = readonly [
  none: number,
  established: number,
  synSent: number,
  synRecv: number,
  finWait: number,
  timeWait: number,
  close: number,
  closeWait: number,
  lastAck: number,
  listen: number,
  synAck: number,
];

/** One direction of a state machine. */
export type TcpTable = Readonly<Record<TcpEvent, TcpRow>>;

/** A whole state machine, to be read beside the figure it came from. */
export type TcpTables = Readonly<Record<Direction, TcpTable>>;

export function compileTcpTables({ input, output, inputOnly }: TcpTables): CompiledTables {
  return compileTables({ input: rowsOf(input), output: rowsOf(output), inputOnly: rowsOf(inputOnly) });
}

/** In the order of {@link TCP_EVENT}. */
function rowsOf({ SYN, FIN, ACK, RST }: TcpTable): readonly TcpRow[] {
  return [SYN, FIN, ACK, RST, NOTHING];
}

const { CLOSE } = TCP_STATE;
/** A segment with none of the four flags closes the connection whatever its state (ip_vs_proto_tcp.c:set_tcp_state). */
const NOTHING: TcpRow = [CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE, CLOSE];

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

/** The event of byte 13 of a TCP header; RST goes before SYN, SYN before FIN, FIN before ACK (`tcp_state_idx`). */
export function tcpEvent(flags: number): number {
  if ((flags & RST) !== 0) return TCP_EVENT.RST;
  if ((flags & SYN) !== 0) return TCP_EVENT.SYN;
  if ((flags & FIN) !== 0) return TCP_EVENT.FIN;
  if ((flags & ACK) !== 0) return TCP_EVENT.ACK;
  return TCP_EVENT.NOTHING;
}

const ACTIVE_STATES =
  (1 << TCP_STATE.ESTABLISHED) | (1 << TCP_STATE.SYN_SENT) | (1 << TCP_STATE.SYN_RECV) | (1 << TCP_STATE.SYNACK);

/** Whether a connection in this state counts among its server's active ones (`tcp_state_active_table`). */
export function isActive(state: number): boolean {
  return ((ACTIVE_STATES >> state) & 1) === 1;
}
