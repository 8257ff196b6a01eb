import { MalformedInput } from '../errors.ts';
import { formatIpv4 } from './address.ts';

/** IPv6 addresses are bigints of 128 bits, the first byte highest. */

const GROUPS = 8;
const GROUP = /^[0-9a-f]{1,4}$/i;
/** `::ffff:0:0/96`, the addresses that stand for IPv4 ones (RFC 4291 §2.5.5.2). */
const MAPPED = 0xffffn;

/** A dotted quad at the end: the last four bytes. No leading zeros, as for an address of its own. */
const QUAD = /(?<=:)(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

/**
 * The address of a text as RFC 4291 §2.2 writes it: eight groups, `::` for a run of zeros, the last four bytes perhaps as a dotted
 * quad. Throws MalformedInput naming the text.
 */
export function parseIpv6(text: string): bigint {
  const [head = '', tail, ...more] = text.replace(QUAD, groupsOfQuad).split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const missing = GROUPS - before.length - after.length;
  const complete = tail === undefined ? missing === 0 : missing > 0;
  if (!complete || more.length > 0 || ![...before, ...after].every((group) => GROUP.test(group))) {
    throw new MalformedInput(`'${text}' is not an IPv6 address like 2001:db8::1`);
  }
  const groups = [...before, ...new Array<string>(missing).fill('0'), ...after];
  return groups.reduce((address, group) => (address << 16n) | BigInt(`0x${group}`), 0n);
}

const groupsOf = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));

/** `1.2.3.4` as `102:304`; left as it is, which is no group, where a number is above 255. */
function groupsOfQuad(quad: string): string {
  const octets = quad.split('.').map(Number);
  if (octets.some((octet) => octet > 255)) return quad;
  const [a = 0, b = 0, c = 0, d = 0] = octets;
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

/** The text of RFC 5952: lower case, no leading zeros, `::` for the longest run of two or more zero groups, the first of equals. */
export function formatIpv6(address: bigint): string {
  if (address >> 32n === MAPPED) return `::ffff:${formatIpv4(Number(address & 0xffff_ffffn))}`;
  const groups = ipv6Groups(address);
  const run = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return run.length < 2 ? text(0, GROUPS) : `${text(0, run.start)}::${text(run.start + run.length, GROUPS)}`;
}

/** The eight groups of 16 bits. */
export function ipv6Groups(address: bigint): readonly number[] {
  return Array.from({ length: GROUPS }, (_, index) => Number((address >> BigInt(112 - 16 * index)) & 0xffffn));
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  }
  return longest;
}

/** Reads the sixteen bytes at `offset`. */
export function readIpv6(view: DataView, offset: number): bigint {
  return (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8);
}

/** Writes the sixteen bytes at `offset`. */
export function writeIpv6(view: DataView, offset: number, address: bigint): void {
  view.setBigUint64(offset, address >> 64n);
  view.setBigUint64(offset + 8, address & 0xffff_ffff_ffff_ffffn);
}

/** The address that a host gives itself on a link: `fe80::/64` and its EUI-64, the MAC address (RFC 4291 §2.5.1, RFC 2464 §4 and §5). */
export function linkLocalOf(mac: number): bigint {
  const [high, low] = [BigInt(mac) >> 24n, BigInt(mac) & 0xff_ffffn];
  // The universal/local bit is turned over, ff:fe stands between the halves.
  return (0xfe80n << 112n) | ((high ^ 0x02_0000n) << 40n) | (0xfffen << 24n) | low;
}

/** The multicast address at which an address is asked for: `ff02::1:ff00:0/104` and its last three bytes (RFC 4291 §2.7.1). */
export function solicitedNodeOf(address: bigint): bigint {
  return 0xff02_0000_0000_0000_0000_0001_ff00_0000n | (address & 0xff_ffffn);
}

/** The MAC address of a multicast address: `33:33` and its last four bytes (RFC 2464 §7). */
export function multicastMacOf(address: bigint): number {
  return 0x3333_0000_0000 + Number(address & 0xffff_ffffn);
}

/** A MAC address that follows from the address as `derivedMac` does from IPv4's: `02:06`, then the last four bytes. */
export function derivedMac6(address: bigint): number {
  return 0x0206_0000_0000 + Number(address & 0xffff_ffffn);
}
