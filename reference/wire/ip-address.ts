import { MalformedInput } from '../errors.ts';
import { formatIpv4, parseIpv4, parsePrefix } from './address.ts';
import { formatIpv6, parseIpv6, writeIpv6 } from './ipv6-address.ts';

/** An address of either family: uint32 for IPv4, a bigint of 128 bits for IPv6, both in host order. The type tells the family, and equal addresses are equal values. */
export type Address = number | bigint;

/** Whether the address is one of IPv6. */
export function isIpv6(address: Address): address is bigint {
  return typeof address === 'bigint';
}

/** The address of a text of either family. Throws MalformedInput naming the text. */
export function parseAddress(text: string): Address {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function formatAddress(address: Address): string {
  return isIpv6(address) ? formatIpv6(address) : formatIpv4(address);
}

/** `10.0.0.1:80`, `[2001:db8::1]:80`. */
export function formatEndpoint(address: Address, port: number): string {
  return isIpv6(address) ? `[${formatIpv6(address)}]:${port}` : `${formatIpv4(address)}:${port}`;
}

/** Writes the four or sixteen bytes at `offset`. */
export function writeAddress(view: DataView, offset: number, address: Address): void {
  if (isIpv6(address)) writeIpv6(view, offset, address);
  else view.setUint32(offset, address);
}

/** `10.0.0.1/24` or `2001:db8::1/64` as address and prefix length. Throws MalformedInput naming the text. */
export function parseNetwork(text: string): { readonly address: Address; readonly length: number } {
  if (!text.includes(':')) return parsePrefix(text);
  const [, address = '', bits = ''] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const length = Number(bits);
  if (bits === '' || length > 128) throw new MalformedInput(`'${text}' is not a prefix like 2001:db8::1/64`);
  return { address: parseIpv6(address), length };
}
