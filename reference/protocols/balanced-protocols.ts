import { PROTOCOL } from '../wire/ipv4.ts';
import { ahEsp } from './ah-esp.ts';
import type { BalancedProtocol } from './balanced-protocol.ts';
import { sctp } from './sctp.ts';
import { tcp } from './tcp.ts';
import { udp } from './udp.ts';

/** The protocols that are balanced, by IP protocol number. */
export const BALANCED: Readonly<Partial<Record<number, BalancedProtocol>>> = {
  [PROTOCOL.tcp]: tcp,
  [PROTOCOL.udp]: udp,
  [PROTOCOL.sctp]: sctp,
  [PROTOCOL.ah]: ahEsp,
  [PROTOCOL.esp]: ahEsp,
};
