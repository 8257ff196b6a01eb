import type { Environment } from '../../reference/environment.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { ARP, ARP_OPERATION } from '../../reference/wire/arp.ts';
import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { ICMP } from '../../reference/wire/icmp.ts';
import { ICMP6, ICMP6_TYPE } from '../../reference/wire/icmpv6.ts';
import { parseAddress, parseNetwork, type Address } from '../../reference/wire/ip-address.ts';
import { IPV4, PROTOCOL } from '../../reference/wire/ipv4.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { readIpv6 } from '../../reference/wire/ipv6-address.ts';
import { NEIGHBOUR } from '../../reference/wire/neighbour-discovery.ts';

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792). */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/**
 * Divides what arrives on a port between the director and the kernel of the host it runs on, whose MAC address both have: the kernel
 * answers for the host's addresses, the director for all others. It must not answer for the kernel, or it would reset the host's connections.
 */
export class HostShare {
  readonly #hostAddresses: ReadonlySet<Address>;

  /** @param hostAddresses prefixes, e.g. `10.0.0.1/24` */
  constructor(hostAddresses: Iterable<string>) {
    this.#hostAddresses = new Set([...hostAddresses].map((prefix) => parseNetwork(prefix).address));
  }

  /** Whether the kernel answers this frame. Errors about what the director sent under a host's address are the director's, too. */
  isForKernel(frame: Uint8Array): boolean {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    const { headerLength } = ETHERNET;
    if (frame.length < headerLength + ARP.headerLength) return false;
    switch (view.getUint16(ETHERNET.type)) {
      case ETHER_TYPE.arp:
        return (
          view.getUint16(headerLength + ARP.operation) === ARP_OPERATION.request &&
          this.#hostAddresses.has(view.getUint32(headerLength + ARP.targetAddress))
        );
      case ETHER_TYPE.ipv4:
        return this.#hostAddresses.has(view.getUint32(headerLength + IPV4.destination)) && !isIcmpError(view);
      case ETHER_TYPE.ipv6:
        return frame.length >= headerLength + IPV6.headerLength + ICMP6.headerLength && this.#isForKernel6(view);
      default:
        return false;
    }
  }

  #isForKernel6(view: DataView): boolean {
    const ip = ETHERNET.headerLength;
    const icmp = ip + IPV6.headerLength;
    if (view.getUint8(ip + IPV6.nextHeader) === PROTOCOL.icmpv6) {
      const type = view.getUint8(icmp + ICMP6.type);
      const target = icmp + ICMP6.headerLength + NEIGHBOUR.target;
      if (type === ICMP6_TYPE.neighbourSolicitation) {
        return target + 16 <= view.byteLength && this.#hostAddresses.has(readIpv6(view, target));
      }
      // RFC 4443 §2.1: errors have the lower half of the numbers. What a neighbour answers may be an answer to the director.
      if (type < 128 || type === ICMP6_TYPE.neighbourAdvertisement) return false;
    }
    return this.#hostAddresses.has(readIpv6(view, ip + IPV6.destination));
  }
}

function isIcmpError(view: DataView): boolean {
  const ip = ETHERNET.headerLength;
  if (view.getUint8(ip + IPV4.protocol) !== PROTOCOL.icmp) return false;
  const icmp = ip + (view.getUint8(ip) & 0x0f) * 4;
  return icmp < view.byteLength && ICMP_ERRORS.has(view.getUint8(icmp + ICMP.type));
}

/**
 * Nothing good comes of a packet that both the director and the host's kernel answer or forward.
 *
 * @param ownMacs by port, whether the director has a MAC address of its own there, so that the kernel takes no notice of its packets
 * @param isForwarding whether the kernel routes what comes by the interface
 * @throws MalformedInput
 */
export function checkShare(
  { ports, virtualAddresses }: Environment,
  hostAddresses: ReadonlyMap<string, readonly string[]>,
  ownMacs: readonly boolean[],
  isForwarding: (name: string) => boolean,
): void {
  const places = new Map<Address, string>();
  for (const [name, prefixes] of hostAddresses) {
    for (const prefix of prefixes) places.set(parseNetwork(prefix).address, `${prefix} dev ${name}`);
  }
  const ownAddresses = ports.flatMap(({ addresses }, port) => (ownMacs[port] === true ? addresses : []));
  for (const address of [...virtualAddresses, ...ownAddresses.map((prefix) => prefix.replace(/\/.*/, ''))]) {
    const place = places.get(parseAddress(address));
    if (place !== undefined) {
      throw new MalformedInput(
        `${address} is an address of this host, whose kernel would answer for it too; take it off: ip address del ${place}`,
      );
    }
  }
  const routed = ports.find(({ name }, port) => ownMacs[port] !== true && isForwarding(name));
  if (routed !== undefined) {
    throw new MalformedInput(
      `interface ${routed.name}: this host's kernel forwards packets too; sysctl -w net.ipv4.conf.${routed.name}.forwarding=0 net.ipv6.conf.${routed.name}.forwarding=0, ` +
        'or give the director MAC addresses of its own with --environment',
    );
  }
}
