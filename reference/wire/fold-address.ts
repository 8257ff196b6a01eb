import { isIpv6, type Address } from './ip-address.ts';

const WORD = 0xffff_ffffn;

/** The 32 bits that stand for an address where it is hashed: all of IPv4, of IPv6 the exclusive or of its four words (kernel `ip_vs_sh.c:ip_vs_sh_hashkey`). */
export function foldAddress(address: Address): number {
  if (!isIpv6(address)) return address;
  return Number(((address >> 96n) ^ (address >> 64n) ^ (address >> 32n) ^ address) & WORD);
}
