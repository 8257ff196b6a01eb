import type { Environment } from '../../reference/environment.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { parseIpv4, parsePrefix } from '../../reference/wire/address.ts';
import { ARP, ARP_OPERATION } from '../../reference/wire/arp.ts';
import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { ICMP } from '../../reference/wire/icmp.ts';
import { IPV4, PROTOCOL } from '../../reference/wire/ipv4.ts';

/** Destination unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792). */
const ICMP_ERRORS: ReadonlySet<number> = new Set([3, 4, 5, 11, 12]);

/**
 * Divides what arrives on a port between the director and the kernel of the host it runs on, whose MAC address both have: the kernel
 * answers for the host's addresses, the director for all others. It must not answer for the kernel, or it would reset the host's connections.
 */
export class HostShare {
  readonly #hostAddresses: ReadonlySet<number>;

  /** @param hostAddresses prefixes, e.g. `10.0.0.1/24` */
  constructor(hostAddresses: Iterable<string>) {
    this.#hostAddresses = new Set([...hostAddresses].map((prefix) => parsePrefix(prefix).address));
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
      default:
        return false;
    }
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
  const places = new Map<number, string>();
  for (const [name, prefixes] of hostAddresses) {
    for (const prefix of prefixes) places.set(parsePrefix(prefix).address, `${prefix} dev ${name}`);
  }
  const ownAddresses = ports.flatMap(({ addresses }, port) => (ownMacs[port] === true ? addresses : []));
  for (const address of [...virtualAddresses, ...ownAddresses.map((prefix) => prefix.replace(/\/.*/, ''))]) {
    const place = places.get(parseIpv4(address));
    if (place !== undefined) {
      throw new MalformedInput(
        `${address} is an address of this host, whose kernel would answer for it too; take it off: ip address del ${place}`,
      );
    }
  }
  const routed = ports.find(({ name }, port) => ownMacs[port] !== true && isForwarding(name));
  if (routed !== undefined) {
    throw new MalformedInput(
      `interface ${routed.name}: this host's kernel forwards packets too; sysctl -w net.ipv4.conf.${routed.name}.forwarding=0, ` +
        'or give the director MAC addresses of its own with --environment',
    );
  }
}
