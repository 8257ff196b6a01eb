import type { Environment } from '../../../reference/environment.ts';
import { InternalFault } from '../../../reference/errors.ts';
import { parseMac } from '../../../reference/wire/address.ts';
import { linkLocalOf, parseIpv6, solicitedNodeOf } from '../../../reference/wire/ipv6-address.ts';
import type { Guest } from './guest.ts';

/** A guest needs one look, seldom two. */
const LOOKS = 1000;

/**
 * Resolves when the host can be asked for all its IPv6 addresses. The kernel adds an address at once but joins its solicited-node group
 * from a work queue (addrconf.c:addrconf_dad_begin), so that the first question might go unheard.
 */
export const ipv6Readiness = async (guest: Guest, { ports, virtualAddresses }: Environment): Promise<void> => {
  const wanted = ports.flatMap(({ name, mac, addresses }) => {
    const own = [...addresses, ...virtualAddresses].filter((address) => address.includes(':'));
    const ipv6 = [linkLocalOf(parseMac(mac)), ...own.map((address) => parseIpv6(address.replace(/\/.*/, '')))];
    return ipv6.map((address) => `${name} ${solicitedNodeOf(address).toString(16)}`);
  });
  for (let look = 0; look < LOOKS; look++) {
    const [text] = await guest.perform(['read', '/proc/net/igmp6']);
    const joined = new Set(text?.toString('latin1').split('\n').map(groupOf));
    if (wanted.every((group) => joined.has(group))) return;
  }
  throw new InternalFault('The guest does not listen to the groups of its IPv6 addresses');
};

/** Device and group of a line of `/proc/net/igmp6` (mcast.c:igmp6_mc_seq_show). */
const groupOf = (line: string): string => {
  const [, name = '', group = ''] = line.trim().split(/\s+/);
  return `${name} ${group}`;
};
