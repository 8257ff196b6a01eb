import type { Names } from './names.ts';

/** `PORT h1,h2,h3,h4,p1,p2` and the reply 227 (RFC 959 §4.1.2, §4.2.1). */
const NUMBERS = /(?<!\d)(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,3})(?!\d)/;
/** `EPRT |1|address|port|` and the reply 229 `(|||port|)` (RFC 2428 §2, §3). */
const FIELDS = /\|([12]?)\|([\d.a-f:]*)\|(\d{1,5})\|/i;

/** An FTP line about a data connection; undefined for any other line. */
export interface FtpEndpoint {
  /** The line with names for addresses, and `port` for the port, which its owner chose as he liked: `PORT client1,port`. */
  readonly symbolic: string;
  readonly port: number;
}

/** Reads a segment of an FTP control connection. */
export function ftpEndpoint(text: string, names: Names): FtpEndpoint | undefined {
  const line = text.replace(/\r?\n$/, '');
  const numbers = NUMBERS.exec(line);
  if (numbers !== null) {
    const [a = 0, b = 0, c = 0, d = 0, high = 0, low = 0] = numbers.slice(1).map(Number);
    const name = names.ofAddress([a, b, c, d].join('.'));
    return { symbolic: line.replace(NUMBERS, `${name},port`), port: 256 * high + low };
  }
  const fields = /^(EPRT|229)\b/i.test(line) ? FIELDS.exec(line) : null;
  if (fields === null) return undefined;
  const [, family = '', address = '', port = ''] = fields;
  const name = address === '' ? '' : names.ofAddress(address);
  return { symbolic: line.replace(FIELDS, `|${family}|${name}|port|`), port: Number(port) };
}
