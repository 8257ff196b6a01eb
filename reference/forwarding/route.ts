import type { Address } from '../wire/ip-address.ts';

/** Where a packet goes; `A` is the address of one family or of either. */
export type Route<A extends Address = Address> =
  { readonly kind: 'local'; readonly address: A } | { readonly kind: 'unreachable' } | UnicastRoute<A>;

export interface UnicastRoute<A extends Address = Address> {
  readonly kind: 'unicast';
  readonly port: number;
  /** The neighbour that gets the frame. */
  readonly nextHop: A;
  /** The director's address of first choice on that port. */
  readonly source: A;
  /** Bytes; may be lowered by a path MTU that was learnt. */
  readonly mtu: number;
}
