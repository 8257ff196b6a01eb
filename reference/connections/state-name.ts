import { PROTOCOL } from '../wire/ipv4.ts';
import { FLAG } from './connection-record.ts';
import { SCTP_STATE_NAMES } from './sctp-states.ts';
import { TCP_STATE_NAMES } from './tcp-states.ts';

const TEMPLATE_STATE_NAMES = ['NONE', 'ASSURED'] as const;

/** How listings call a connection's state (kernel `ip_vs_proto.c:ip_vs_state_name`). */
export function stateName(protocol: number, flags: number, state: number): string {
  if ((flags & FLAG.template) !== 0) return TEMPLATE_STATE_NAMES[state] ?? 'ERR!';
  if (protocol === PROTOCOL.udp) return 'UDP';
  if (protocol === PROTOCOL.sctp) return SCTP_STATE_NAMES[state] ?? 'ERR!';
  if (protocol === PROTOCOL.tcp) return TCP_STATE_NAMES[state] ?? 'ERR!';
  // AH and ESP have a state, but no name for it.
  return 'ERR!';
}
