/** The states of a connection's end (RFC 9293 §3.3.2). */
export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/** What moves an end from one state to the next: the application, or what the other end acknowledged or sent. */
export type TcpEvent = 'synchronized' | 'close' | 'fin-acknowledged' | 'fin-received';

/** RFC 9293 figure 5. An event that a state does not name changes nothing. */
export const TCP_TRANSITIONS: Readonly<Record<TcpState, Readonly<Partial<Record<TcpEvent, TcpState>>>>> = {
  'syn-sent': { synchronized: 'established' },
  'syn-received': { synchronized: 'established', close: 'fin-wait-1' },
  established: { close: 'fin-wait-1', 'fin-received': 'close-wait' },
  'fin-wait-1': { 'fin-acknowledged': 'fin-wait-2', 'fin-received': 'closing' },
  'fin-wait-2': { 'fin-received': 'time-wait' },
  'close-wait': { close: 'last-ack' },
  closing: { 'fin-acknowledged': 'time-wait' },
  'last-ack': { 'fin-acknowledged': 'closed' },
  'time-wait': {},
  closed: {},
};
