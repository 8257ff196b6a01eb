import type { Environment } from '../../reference/environment.ts';
import { commonPrefix6 } from '../../reference/forwarding/ipv6-scope.ts';
import { parsePrefix } from '../../reference/wire/address.ts';
import { buildPacket } from '../../reference/wire/build-packet.ts';
import { ADVERTISEMENT, ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { isIpv6, parseAddress, parseNetwork, type Address } from '../../reference/wire/ip-address.ts';
import { arp, ethernet, icmp6, ip6, neighbour } from '../../reference/wire/layer.ts';
import { LINK_LAYER_OPTION } from '../../reference/wire/neighbour-discovery.ts';

export interface Announcement {
  readonly port: number;
  readonly frame: Uint8Array;
}

/**
 * News of the virtual addresses, so that neighbours who know another MAC address for them, as that of a director that stood here before, learn
 * the new one: on the ports whose networks they are in, or on all where they are in none.
 */
export function announcements(environment: Environment, virtualAddresses: readonly string[]): Announcement[] {
  return virtualAddresses.flatMap((text) => {
    const address = parseAddress(text);
    const isHome = environment.ports.map(({ addresses }) => addresses.some((prefix) => isWithin(address, prefix)));
    return environment.ports.flatMap(({ mac }, port) =>
      isHome[port] === true || !isHome.includes(true)
        ? [{ port, frame: isIpv6(address) ? advertisement(text, mac) : gratuitousArp(text, mac) }]
        : [],
    );
  });
}

function isWithin(address: Address, prefix: string): boolean {
  const network = parseNetwork(prefix);
  if (isIpv6(address)) return isIpv6(network.address) && commonPrefix6(address, network.address) >= network.length;
  return !isIpv6(network.address) && ((address ^ network.address) & parsePrefix(prefix).mask) === 0;
}

/** A request for the address itself (RFC 5227 §3). */
function gratuitousArp(address: string, mac: string): Uint8Array {
  return buildPacket([
    ethernet({ source: mac, destination: 'ff:ff:ff:ff:ff:ff' }),
    arp({
      operation: 1,
      senderMac: mac,
      senderAddress: address,
      targetMac: '00:00:00:00:00:00',
      targetAddress: address,
    }),
  ]);
}

/** An advertisement that nobody asked for (RFC 4861 §7.2.6). */
function advertisement(address: string, mac: string): Uint8Array {
  return buildPacket([
    ethernet({ source: mac, destination: '33:33:00:00:00:01' }),
    ip6({ source: address, destination: 'ff02::1', hopLimit: 255 }),
    icmp6({ type: ICMP6_TYPE.neighbourAdvertisement, rest: ADVERTISEMENT.router + ADVERTISEMENT.override }),
    neighbour({ target: address, option: LINK_LAYER_OPTION.target, mac }),
  ]);
}
