/** What a connection's next segment leads to, by the segment's flags. */
export interface NextStates {
  readonly SYN: string;
  readonly FIN: string;
  readonly ACK: string;
  readonly RST: string;
  /** None of the four flags. */
  readonly nothing: string;
}

export type Segment = keyof NextStates;

/** A state that packets lead to, and what the next segment leads to from there. */
export interface ReachableState {
  readonly state: string;
  /** The segments that lead there: who sends it, and its flags. None: a record made by an ICMP error (`schedule_icmp`). */
  readonly path: readonly (readonly ['client' | 'server', string])[];
  readonly client: NextStates;
  /** Absent where no segment of the server passes the director. */
  readonly server?: NextStates;
}

/** Seconds that each state lasts (ip_vs_proto_tcp.c:tcp_timeouts). */
export const KERNEL_TIMEOUTS: Readonly<Record<string, number>> = {
  ESTABLISHED: 900,
  SYN_SENT: 120,
  SYN_RECV: 60,
  FIN_WAIT: 120,
  TIME_WAIT: 120,
  CLOSE: 10,
  CLOSE_WAIT: 60,
  LISTEN: 120,
  SYNACK: 120,
};

const handshake = [
  ['client', 'S'],
  ['server', 'AS'],
  ['client', 'A'],
] as const;

const halfHandshake = [
  ['client', 'S'],
  ['client', 'A'],
] as const;

/**
 * VS/NAT: both sides' segments pass the director (ip_vs_proto_tcp.c:tcp_states, INPUT and OUTPUT). LAST_ACK cannot be reached by packets, SYNACK only with
 * `secure_tcp`.
 */
export const NAT_STATES: readonly ReachableState[] = [
  {
    state: 'NONE',
    path: [],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYN_RECV',
    path: [['client', 'S']],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'SYN_RECV', nothing: 'CLOSE' },
    server: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'ESTABLISHED',
    path: handshake,
    client: { SYN: 'ESTABLISHED', FIN: 'CLOSE_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'ESTABLISHED', FIN: 'FIN_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYN_SENT',
    path: [
      ['client', 'S'],
      ['server', 'AR'],
      ['server', 'S'],
    ],
    client: { SYN: 'ESTABLISHED', FIN: 'SYN_SENT', ACK: 'SYN_SENT', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'SYN_SENT', ACK: 'SYN_SENT', RST: 'SYN_SENT', nothing: 'CLOSE' },
  },
  {
    state: 'FIN_WAIT',
    path: [...handshake, ['server', 'AF']],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'FIN_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'FIN_WAIT', ACK: 'FIN_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'CLOSE_WAIT',
    path: [...handshake, ['client', 'AF']],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE_WAIT', ACK: 'CLOSE_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'TIME_WAIT', ACK: 'CLOSE_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'TIME_WAIT',
    path: [...handshake, ['client', 'AF'], ['server', 'AF']],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'TIME_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'TIME_WAIT', ACK: 'TIME_WAIT', RST: 'TIME_WAIT', nothing: 'CLOSE' },
  },
  {
    state: 'CLOSE',
    path: [
      ['client', 'S'],
      ['server', 'AR'],
    ],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE', ACK: 'CLOSE', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'CLOSE', ACK: 'CLOSE', RST: 'CLOSE', nothing: 'CLOSE' },
  },
];

/** VS/TUN and VS/DR: the half connection (ip_vs_proto_tcp.c:tcp_states, INPUT_ONLY). SYN_SENT and CLOSE_WAIT need the server's segments. */
export const HALF_STATES: readonly ReachableState[] = [
  {
    state: 'NONE',
    path: [],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYN_RECV',
    path: [['client', 'S']],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'SYN_RECV', nothing: 'CLOSE' },
  },
  {
    state: 'ESTABLISHED',
    path: halfHandshake,
    client: { SYN: 'ESTABLISHED', FIN: 'FIN_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'FIN_WAIT',
    path: [...halfHandshake, ['client', 'AF']],
    client: { SYN: 'SYN_RECV', FIN: 'FIN_WAIT', ACK: 'FIN_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'TIME_WAIT',
    path: [
      ['client', 'S'],
      ['client', 'AF'],
    ],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'TIME_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'CLOSE',
    path: [...halfHandshake, ['client', 'R']],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE', ACK: 'CLOSE', RST: 'CLOSE', nothing: 'CLOSE' },
  },
];

/** VS/NAT once more: an expected FTP data connection whose two ends are known, LISTEN until its first segment. */
export const LISTEN_STATE = {
  state: 'LISTEN',
  client: { SYN: 'SYN_RECV', FIN: 'LISTEN', ACK: 'LISTEN', RST: 'LISTEN', nothing: 'CLOSE' },
  server: { SYN: 'LISTEN', FIN: 'LISTEN', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
} as const;
