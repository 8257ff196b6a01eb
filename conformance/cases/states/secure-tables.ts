import type { ReachableState } from './tables.ts';

/** The states that packets lead to while `secure_tcp` is on (ip_vs_proto_tcp.c:tcp_states_dos), and what the next segment leads to. */

const handshake = [
  ['client', 'S'],
  ['server', 'AS'],
  ['server', 'A'],
] as const;

const halfHandshake = [
  ['client', 'S'],
  ['client', 'A'],
] as const;

/** VS/NAT (INPUT and OUTPUT): only the server's second segment establishes. */
export const SECURE_NAT_STATES: readonly ReachableState[] = [
  {
    state: 'NONE',
    path: [],
    client: { SYN: 'SYN_RECV', FIN: 'CLOSE', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYN_SENT', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYN_RECV',
    path: [['client', 'S']],
    client: { SYN: 'SYN_RECV', FIN: 'TIME_WAIT', ACK: 'SYN_RECV', RST: 'SYN_RECV', nothing: 'CLOSE' },
    server: { SYN: 'SYNACK', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYNACK',
    path: [
      ['client', 'S'],
      ['server', 'AS'],
    ],
    client: { SYN: 'SYNACK', FIN: 'SYNACK', ACK: 'SYNACK', RST: 'CLOSE', nothing: 'CLOSE' },
    server: { SYN: 'SYNACK', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
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

/** VS/TUN and VS/DR (INPUT_ONLY): the client's SYN leads to SYNACK, his ACK still establishes. */
export const SECURE_HALF_STATES: readonly ReachableState[] = [
  {
    state: 'NONE',
    path: [],
    client: { SYN: 'SYNACK', FIN: 'CLOSE', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'SYNACK',
    path: [['client', 'S']],
    client: { SYN: 'SYNACK', FIN: 'TIME_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'ESTABLISHED',
    path: halfHandshake,
    client: { SYN: 'ESTABLISHED', FIN: 'FIN_WAIT', ACK: 'ESTABLISHED', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'FIN_WAIT',
    path: [...halfHandshake, ['client', 'AF']],
    client: { SYN: 'SYNACK', FIN: 'FIN_WAIT', ACK: 'FIN_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'TIME_WAIT',
    path: [
      ['client', 'S'],
      ['client', 'AF'],
    ],
    client: { SYN: 'SYNACK', FIN: 'TIME_WAIT', ACK: 'TIME_WAIT', RST: 'CLOSE', nothing: 'CLOSE' },
  },
  {
    state: 'CLOSE',
    path: [...halfHandshake, ['client', 'R']],
    client: { SYN: 'SYNACK', FIN: 'CLOSE', ACK: 'CLOSE', RST: 'CLOSE', nothing: 'CLOSE' },
  },
];
