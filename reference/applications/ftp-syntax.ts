import { MalformedInput } from '../errors.ts';
import type { Address } from '../wire/ip-address.ts';
import { parseIpv6 } from '../wire/ipv6-address.ts';

type Family = 4 | 6;

/** What a client asks for: an address of the server to connect to, in the reply 227 (RFC 959) or 229 (RFC 2428). */
export type PassiveMode = 'passive' | 'extended passive';

/** What a number that its field cannot hold means: nothing, or its remainder, as unsigned fields of C have it. */
export type LargeNumbers = 'refused' | 'wrapped';

/** An address and a port, host order. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

/** An endpoint in a reply; `address` is missing where the server leaves it out. It is written from `from` to before `to`. */
export interface Announcement {
  readonly address: Address | undefined;
  readonly port: number;
  readonly from: number;
  readonly to: number;
}

/** `EPSV` asks for the family it comes in, alone or with its number; `EPSV ALL`, or for the other one, ends the search (ip_vs_ftp.c:ip_vs_ftp_in). */
const PASSIVE_COMMAND = {
  4: /(PASV\r\n)|(EPSV(?:\r[^]| 1\r))|EPSV [^]/i,
  6: /(?!)(.)|(EPSV(?:\r[^]| 2\r))|EPSV [^]/i,
} as const;
/** `PORT h1,h2,h3,h4,p1,p2` (RFC 959 §4.1.2). */
const PORT = /^PORT[^ \d]*(?: +|(?=\d))(\d*),(\d*),(\d*),(\d*),(\d*),(\d*)\D/i;
/** `EPRT |1|address|port|`, with 2 for IPv6 (RFC 2428 §2). */
const EPRT = {
  4: /^EPRT[^ ]* +([!-~])1\1([\d.]+)\1(\d+)\1/i,
  6: /^EPRT[^ ]* +([!-~])2\1([\d.a-f:]+)\1(\d+)\1/i,
} as const;
/** `227 … (h1,h2,h3,h4,p1,p2)`; parentheses may be missing. */
const PASSIVE_REPLY = /^227 [^(\d]*(?:\(+|(?=\d))((\d*),(\d*),(\d*),(\d*),(\d*),(\d*))\D/d;
/** `229 … (|||port|)`; some servers name protocol and address too. */
const EXTENDED_PASSIVE_REPLY = {
  4: /^229 [^(]*\(+(?!\()(([!-~])(?:1\2([\d.]+)|\2)\2(\d+)\2)/d,
  6: /^229 [^(]*\(+(?!\()(([!-~])(?:2\2([\d.a-f:]+)|\2)\2(\d+)\2)/di,
} as const;

/** Looks for the first `PASV` or `EPSV` anywhere in what the client sent. */
export function passiveCommand(text: string, family: Family): PassiveMode | undefined {
  const [, passive, extended] = PASSIVE_COMMAND[family].exec(text) ?? [];
  if (passive !== undefined) return 'passive';
  return extended === undefined ? undefined : 'extended passive';
}

/** Where the client waits for the server: the endpoint of a `PORT` or `EPRT` at the beginning of what it sent. */
export function activeCommand(text: string, family: Family, large: LargeNumbers): Endpoint | undefined {
  const port = PORT.exec(text);
  if (port !== null && family === 4) return endpointOfNumbers(port.slice(1), large);
  const eprt = EPRT[family].exec(text);
  return eprt === null ? undefined : endpointOfText(eprt[2] ?? '', eprt[3] ?? '', family, large);
}

/** Where the server waits for the client: the endpoint of a reply at the beginning of what it sent. */
export function passiveReply(
  text: string,
  mode: PassiveMode,
  family: Family,
  large: LargeNumbers,
): Announcement | undefined {
  const reply = (mode === 'passive' ? PASSIVE_REPLY : EXTENDED_PASSIVE_REPLY[family]).exec(text);
  const [from, to] = reply?.indices?.[1] ?? [];
  if (reply === null || from === undefined || to === undefined) return undefined;
  if (mode === 'passive') {
    const endpoint = endpointOfNumbers(reply.slice(2), large);
    return endpoint && { ...endpoint, from, to };
  }
  const [, , , address, port = ''] = reply;
  if (address !== undefined) {
    const endpoint = endpointOfText(address, port, family, large);
    return endpoint && { ...endpoint, from, to };
  }
  const number = portOf(port, large);
  return number === undefined ? undefined : { address: undefined, port: number, from, to };
}

/** Four numbers of an address and two of a port. One left out is 0. */
function endpointOfNumbers(texts: readonly string[], large: LargeNumbers): Endpoint | undefined {
  const numbers = texts.map((digits) => numberBelow(256, digits, large));
  const [a, b, c, d, high, low] = numbers;
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined;
  if (high === undefined || low === undefined) return undefined;
  const port = high * 256 + low;
  // A port of 0 is nobody's; kernels that let numbers wrap do not look.
  if (port === 0 && large === 'refused') return undefined;
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, port };
}

function endpointOfText(text: string, port: string, family: Family, large: LargeNumbers): Endpoint | undefined {
  const number = portOf(port, large);
  const address = family === 4 ? ipv4Of(text) : ipv6Of(text);
  return number === undefined || address === undefined ? undefined : { address, port: number };
}

function ipv4Of(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => part === '' || Number(part) > 255)) return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

function ipv6Of(text: string): bigint | undefined {
  try {
    return parseIpv6(text);
  } catch (error) {
    if (error instanceof MalformedInput) return undefined;
    throw error;
  }
}

function portOf(digits: string, large: LargeNumbers): number | undefined {
  const port = numberBelow(65536, digits, large);
  return port === 0 ? undefined : port;
}

function numberBelow(limit: number, digits: string, large: LargeNumbers): number | undefined {
  if (large === 'refused') return Number(digits) < limit ? Number(digits) : undefined;
  let value = 0;
  for (const digit of digits) value = (value * 10 + Number(digit)) % limit;
  return value;
}
