import { PROTOCOL } from '../wire/ipv4.ts';
import type { BalancedProtocol } from './balanced-protocol.ts';

/** IANA "isakmp": where both sides of IPsec exchange their keys. */
const ISAKMP = 500;

/**
 * AH and ESP (kernel `ip_vs_proto_ah_esp.c`): they go where the key exchange between the same hosts goes, and begin no connection. Only
 * addresses are changed, so that nothing of them need be there, and fragments are as good as whole packets.
 */
export const ahEsp: BalancedProtocol = {
  headerLength: 0,
  borrowed: { protocol: PROTOCOL.udp, port: ISAKMP },
  begins: () => 'pass',
  isFirst: () => false,
  isOver: () => false,
  isAbort: () => false,
  passes: () => undefined,
};
