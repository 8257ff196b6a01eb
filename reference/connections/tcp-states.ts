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

/**
 * Which way a segment goes: `input` client to server, `output` server to client. `inputOnly` is `input` on a connection
 * whose answers do not pass the director (VS/TUN, VS/DR): the half-connection machine of paper P26 and P33.
 */
export const TCP_DIRECTION = { input: 0, output: 1, inputOnly: 2 } as const;

export type TcpDirection = keyof typeof TCP_DIRECTION;

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
export type TcpTables = Readonly<Record<TcpDirection, TcpTable>>;

/** A state machine made flat for {@link nextState}: one byte a cell, 16 a row, 8 rows a direction. */
export type CompiledTcpTables = DataView;

const ROW = 16;
const ROWS = 8;

export function compileTcpTables(tables: TcpTables): CompiledTcpTables {
  const cells = new DataView(new ArrayBuffer(3 * ROWS * ROW));
  for (const direction of ['input', 'output', 'inputOnly'] as const) {
    const first = TCP_DIRECTION[direction] * ROWS;
    for (const event of ['SYN', 'FIN', 'ACK', 'RST'] as const) {
      const row = (first + TCP_EVENT[event]) * ROW;
      tables[direction][event].forEach((next, state) => cells.setUint8(row + state, next));
    }
    // A segment with none of the four flags closes the connection whatever its state (ip_vs_proto_tcp.c:set_tcp_state).
    const nothing = (first + TCP_EVENT.NOTHING) * ROW;
    TCP_STATE_NAMES.forEach((_, state) => cells.setUint8(nothing + state, TCP_STATE.CLOSE));
  }
  return cells;
}

/**
 * The state after a segment.
 *
 * @param direction a number of {@link TCP_DIRECTION}
 * @param event a number of {@link TCP_EVENT}
 * @param state a number of {@link TCP_STATE}
 */
export function nextState(tables: CompiledTcpTables, direction: number, event: number, state: number): number {
  return tables.getUint8((direction * ROWS + event) * ROW + state);
}

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
