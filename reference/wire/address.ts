import { MalformedInput } from '../errors.ts';
import { hexDigit, hexPair } from './hex.ts';

/** MAC addresses are whole numbers below 2^48, first byte highest. */

/** An IP address: a number (uint32, host order) is one of IPv4, a bigint of 128 bits one of IPv6. */
export type Address = number | bigint;

export const BROADCAST_MAC = 0xffff_ffff_ffff;

const DOT = 46;
const COLON = 58;

/**
 * The uint32 of a dotted quad. Throws MalformedInput naming the text.
 * A leading zero is refused: some readers take it for octal (RFC 6943 §3.1.1).
 */
export function parseIpv4(text: string): number {
  const address = quad(text);
  if (Number.isNaN(address)) throw new MalformedInput(`'${text}' is not an IPv4 address like 10.0.0.1`);
  return address;
}

/** The uint32 of a dotted quad, NaN for any other text. */
function quad(text: string): number {
  let address = 0;
  let octets = 0;
  let octet = -1; // no digit of it seen
  for (let index = 0; index <= text.length; index += 1) {
    const code = index < text.length ? text.charCodeAt(index) : DOT;
    const digit = code - 48;
    if (digit >= 0 && digit <= 9 && octet !== 0) {
      octet = octet < 0 ? digit : octet * 10 + digit;
    } else if (code === DOT && octet >= 0 && octet <= 255) {
      address = address * 256 + octet;
      octets += 1;
      octet = -1;
    } else {
      return Number.NaN;
    }
  }
  return octets === 4 ? address : Number.NaN;
}

/** The dotted quad of a uint32. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
}

/**
 * The 128 bits of an IPv6 address in any of the three forms of RFC 4291 §2.2: eight groups, a run of zero groups left
 * out, the last two groups as a dotted quad. Throws MalformedInput naming the text.
 */
export function parseIpv6(text: string): bigint {
  const [head = '', tail, ...more] = text.split('::');
  const before = groupsOf(head, tail === undefined);
  const after = groupsOf(tail ?? '', true);
  const missing = GROUPS - before.length - after.length;
  // `::` stands for one group at least, and without it none may be missing.
  const isWhole = tail === undefined ? missing === 0 : missing > 0 && more.length === 0;
  const groups = [...before, ...Array<number>(isWhole ? missing : 0).fill(0), ...after];
  if (!isWhole || groups.some(Number.isNaN)) {
    throw new MalformedInput(`'${text}' is not an IPv6 address like 2001:db8::1`);
  }
  return groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n);
}

const GROUPS = 8;

/** The groups of one side of `::`, NaN for what is none; a dotted quad, two groups, only where `mayEnd`. */
function groupsOf(text: string, mayEnd: boolean): number[] {
  if (text === '') return [];
  const words = text.split(':');
  return words.flatMap((word, index) => {
    if (/^[\da-f]{1,4}$/i.test(word)) return [Number.parseInt(word, 16)];
    const address = mayEnd && index === words.length - 1 ? quad(word) : Number.NaN;
    return Number.isNaN(address) ? [address] : [address >>> 16, address & 0xffff];
  });
}

/**
 * The text of RFC 5952 §4: lower case, no leading zeros, the first of the longest runs of zero groups left out, but no
 * single one; §5: an IPv4-mapped address ends in a dotted quad.
 */
export function formatIpv6(value: bigint): string {
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(Number(value & 0xffff_ffffn))}`;
  const groups = Array.from({ length: GROUPS }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < GROUPS; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const hex = groups.map((group) => group.toString(16));
  if (best.length === 1) return hex.join(':');
  return `${hex.slice(0, best.start).join(':')}::${hex.slice(best.start + best.length).join(':')}`;
}

/** The address that a text of either family names. Throws MalformedInput naming the text. */
export function parseAddress(text: string): Address {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** The text of an address of either family. */
export function formatAddress(value: Address): string {
  return typeof value === 'bigint' ? formatIpv6(value) : formatIpv4(value);
}

/** Reads the 16 bytes at `offset`. */
export function readIpv6(view: DataView, offset: number): bigint {
  return (view.getBigUint64(offset) << 64n) | view.getBigUint64(offset + 8);
}

/** Writes the 16 bytes at `offset`. */
export function writeIpv6(view: DataView, offset: number, value: bigint): void {
  view.setBigUint64(offset, value >> 64n);
  view.setBigUint64(offset + 8, value & 0xffff_ffff_ffff_ffffn);
}

/** The number of six hexadecimal pairs with colons. Throws MalformedInput naming the text. */
export function parseMac(text: string): number {
  let mac = 0;
  for (let index = 0; index < 17; index += 1) {
    const code = text.charCodeAt(index);
    if (index % 3 !== 2) mac = mac * 16 + hexDigit(code);
    else if (code !== COLON) mac = Number.NaN;
  }
  if (text.length !== 17 || Number.isNaN(mac)) {
    throw new MalformedInput(`'${text}' is not a MAC address like 02:00:0a:00:00:01`);
  }
  return mac;
}

/** Six lower-case hexadecimal pairs with colons. */
export function formatMac(value: number): string {
  const high = Math.floor(value / 0x100_0000);
  const low = value % 0x100_0000;
  return `${formatTriple(high)}:${formatTriple(low)}`;
}

function formatTriple(value: number): string {
  return `${hexPair(value >>> 16)}:${hexPair(value >>> 8)}:${hexPair(value)}`;
}

/** Reads the six bytes at `offset`. */
export function readMac(view: DataView, offset: number): number {
  return view.getUint16(offset) * 0x1_0000_0000 + view.getUint32(offset + 2);
}

/** Writes the six bytes at `offset`. */
export function writeMac(view: DataView, offset: number, mac: number): void {
  view.setUint16(offset, Math.floor(mac / 0x1_0000_0000));
  view.setUint32(offset + 2, mac >>> 0);
}

/** `10.0.0.1/24` as address, prefix length (0–32) and mask (uint32). Throws MalformedInput naming the text. */
export function parsePrefix(text: string): {
  readonly address: number;
  readonly length: number;
  readonly mask: number;
} {
  const [, address = '', bits = '33'] = /^([\d.]+)\/(0|[1-9]\d?)$/.exec(text) ?? [];
  const length = Number(bits);
  if (length > 32) throw new MalformedInput(`'${text}' is not a prefix like 10.0.0.1/24`);
  return { address: parseIpv4(address), length, mask: prefixMask(length) };
}

/** The uint32 with the first `length` bits set. A shift by 32 would be a shift by 0. */
function prefixMask(length: number): number {
  return length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0;
}

/** A MAC address that follows from an IPv4 address: locally administered `02:00`, then the four bytes. */
export function derivedMac(address: number): number {
  return 0x0200_0000_0000 + address;
}
