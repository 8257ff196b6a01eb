import { PROTOCOL_OF_FAMILY, type TunnelType } from './tunnel-type.ts';

/** IP in IP (RFC 2003): nothing between the two headers. */
export const ipip: TunnelType = {
  length: () => 0,
  wrap: ({ family }) => PROTOCOL_OF_FAMILY[family],
  quotedLength: () => 0,
};
