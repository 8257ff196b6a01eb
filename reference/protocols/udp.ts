import { UDP } from '../wire/udp.ts';
import type { BalancedProtocol } from './balanced-protocol.ts';

/** UDP (kernel `ip_vs_proto_udp.c`): any datagram may begin a connection, none ends it. */
export const udp: BalancedProtocol = {
  headerLength: UDP.headerLength,
  begins: ({ transportLength }) => (transportLength < UDP.headerLength ? 'drop' : 'schedule'),
  isFirst: () => false,
  isOver: () => false,
  isAbort: () => false,
  passes(tracker, connection, direction, { transportLength }) {
    if (transportLength >= UDP.headerLength) tracker.udpDatagram(connection, direction);
  },
};
