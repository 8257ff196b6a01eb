import { MalformedInput } from '../errors.ts';
import { hexDigit, hexPair } from './hex.ts';

/** IPv4 addresses are uint32 in host order; MAC addresses are whole numbers below 2^48, first byte highest. */

export const BROADCAST_MAC = 0xffff_ffff_ffff;

const DOT = 46;
const COLON = 58;

/**
 * The uint32 of a dotted quad. Throws MalformedInput naming the text.
 * A leading zero is refused: some readers take it for octal (RFC 6943 §3.1.1).
 */
export function parseIpv4(text: string): number {
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
      octets = Number.NaN;
      break;
    }
  }
  if (octets !== 4) throw new MalformedInput(`'${text}' is not an IPv4 address like 10.0.0.1`);
  return address;
}

/** The dotted quad of a uint32. */
export function formatIpv4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 0xff}.${(value >>> 8) & 0xff}.${value & 0xff}`;
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

/** The MAC address of a multicast group: the group's low 23 bits behind `01:00:5e` (RFC 1112 §6.4). */
export function multicastMac(group: number): number {
  return 0x0100_5e00_0000 + (group & 0x7f_ffff);
}

/** A MAC address that follows from an IPv4 address: locally administered `02:00`, then the four bytes. */
export function derivedMac(address: number): number {
  return 0x0200_0000_0000 + address;
}
