/** Kinds of IPv6 addresses (RFC 4291 §2.4), each from the first bits. */

export const isMulticast6 = (address: bigint): boolean => address >> 120n === 0xffn;

/** `fe80::/10`: means something on one wire only. */
export const isLinkLocal6 = (address: bigint): boolean => address >> 118n === 0x3fan;

export const LOOPBACK6 = 1n;

export const UNSPECIFIED6 = 0n;

/** RFC 4291 §2.7: 1 the interface, 2 the wire, 14 everywhere. */
export const multicastScope6 = (address: bigint): number => Number((address >> 112n) & 0xfn);

/** How far an address reaches, in the numbers of multicast scopes (RFC 6724 §3.1). */
export function scope6(address: bigint): number {
  if (isMulticast6(address)) return multicastScope6(address);
  if (isLinkLocal6(address) || address === LOOPBACK6) return 2;
  return address >> 118n === 0x3fbn ? 5 : 14;
}

/** Number of first bits that two addresses have in common. */
export function commonPrefix6(one: bigint, other: bigint): number {
  const difference = one ^ other;
  return difference === 0n ? 128 : 128 - difference.toString(2).length;
}
