import { MalformedInput } from '../errors.ts';
import { parseAddress, type Address } from '../wire/ip-address.ts';
import type { OptionName } from './option-syntax.ts';

/** An option of a command line as it was given. */
export interface Given {
  readonly spelling: string;
  /** Empty where the option takes none. */
  readonly argument: string;
  /** Place among the options. */
  readonly order: number;
}

export type Options = ReadonlyMap<OptionName, Given>;

/** 31 days in seconds, ipvsadm's longest timeout. */
const MAX_TIMEOUT = 31 * 86400;

/** A decimal number as strtol takes it; undefined outside the limits. */
export function parseNumber(text: string, least: number, most: number): number | undefined {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Seconds. Throws MalformedInput in ipvsadm's words. */
export function parseTimeout(text: string, least: number): number {
  const value = parseNumber(text, least, MAX_TIMEOUT);
  if (value === undefined) {
    throw new MalformedInput(`invalid timeout value '${text}' specified; use ${least} to ${MAX_TIMEOUT} seconds`);
  }
  return value;
}

/**
 * `10.0.0.1:80`, `10.0.0.1`, `[2001:db8::1]:80` or `2001:db8::1` (`ipvsadm.c:parse_service`).
 *
 * @param role what the text names, for the message
 */
export function parseEndpoint(
  text: string,
  role: 'virtual server' | 'real server',
): { readonly address: Address; readonly port: number | undefined } {
  const illegal = `illegal ${role} address[:port] specified`;
  const [, inBrackets, behind] = /^\[(.*)\]:(.*)$/.exec(text) ?? [];
  const isBareIpv6 = inBrackets === undefined && text.split(':').length > 2;
  const [, plain, plainPort] = (isBareIpv6 ? undefined : /^([^:]*):(.*)$/.exec(text)) ?? [];
  const port = behind ?? plainPort;
  if (port !== undefined && parseNumber(port, 0, 65535) === undefined) {
    throw new MalformedInput(`${illegal}: '${text}'; '${port}' is not a port from 0 to 65535`);
  }
  try {
    const address = parseAddress(inBrackets ?? plain ?? text);
    return { address, port: port === undefined ? undefined : Number(port) };
  } catch (error) {
    if (error instanceof MalformedInput) throw new MalformedInput(`${illegal}: ${error.message}`, { cause: error });
    throw error;
  }
}
