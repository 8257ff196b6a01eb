import type { Environment } from '../../reference/environment.ts';
import { parseIpv4, parsePrefix } from '../../reference/wire/address.ts';
import { buildPacket } from '../../reference/wire/build-packet.ts';
import { arp, ethernet } from '../../reference/wire/layer.ts';

export interface Announcement {
  readonly port: number;
  readonly frame: Uint8Array;
}

/**
 * ARP requests for the virtual addresses themselves (RFC 5227 §3), so that neighbours who know another MAC address for them, as that of a
 * director that stood here before, learn the new one: on the ports whose networks they are in, or on all where they are in none.
 */
export function announcements(environment: Environment, virtualAddresses: readonly string[]): Announcement[] {
  return virtualAddresses.flatMap((address) => {
    const isHome = environment.ports.map(({ addresses }) =>
      addresses.map(parsePrefix).some((prefix) => ((parseIpv4(address) ^ prefix.address) & prefix.mask) === 0),
    );
    return environment.ports.flatMap(({ mac }, port) =>
      isHome[port] === true || !isHome.includes(true)
        ? [
            {
              port,
              frame: buildPacket([
                ethernet({ source: mac, destination: 'ff:ff:ff:ff:ff:ff' }),
                arp({
                  operation: 1,
                  senderMac: mac,
                  senderAddress: address,
                  targetMac: '00:00:00:00:00:00',
                  targetAddress: address,
                }),
              ]),
            },
          ]
        : [],
    );
  });
}
