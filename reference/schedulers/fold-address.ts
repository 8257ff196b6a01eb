import { isIpv6, type Address } from '../wire/ip-address.ts';

const WORD = 0xffff_ffffn;

/** The 32 bits that hashing schedulers take for an address: all of IPv4, of IPv6 the exclusive or of its four words (kernel `ip_vs_sh.c:ip_vs_sh_hashkey`). */
export function foldAddress(address: Address): number {
  if (!isIpv6(address)) return address;
  return Number(((address >> 96n) ^ (address >> 64n) ^ (address >> 32n) ^ address) & WORD);
}
