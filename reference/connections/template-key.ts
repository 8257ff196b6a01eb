import type { Persistence, ServiceAddress } from '../administration/command.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';
import { PORT } from '../wire/port.ts';
import type { EngineData } from './persistence-engine.ts';

/** What a template is found by: which clients are taken for one, and what they ask for. */
export interface TemplateKey {
  /** 0 where a mark says what they ask for. */
  readonly protocol: number;
  /** The network of the client, by the service's netmask. */
  readonly clientNetwork: Address;
  /** The virtual address, or the mark. */
  readonly virtualAddress: Address;
  /** 0: any port. */
  readonly virtualPort: number;
  /** Of a service with a persistence engine. */
  readonly engine: EngineData | undefined;
}

/** The first packet of a connection, as far as a template goes by it. */
export interface Wanted {
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  readonly destinationPort: number;
}

/**
 * Which template a connection to the service hangs on (ip_vs_core.c:ip_vs_sched_persist). Where one server has to answer on several ports
 * there is one for all of them: FTP's data connections, a service of any port, a mark.
 */
export function templateKey(
  service: ServiceAddress,
  { netmask }: Persistence,
  wanted: Wanted,
  engine?: EngineData,
): TemplateKey {
  const clientNetwork = networkOf(wanted.source, netmask);
  const { protocol, destination, destinationPort } = wanted;
  if (service.fwmark > 0 && destinationPort !== service.port) {
    return { protocol: 0, clientNetwork, virtualAddress: markAddress(service), virtualPort: 0, engine };
  }
  const virtualPort = isOfOnePort(service, wanted) ? service.port : 0;
  return { protocol, clientNetwork, virtualAddress: destination, virtualPort, engine };
}

/** Whether the template is for the service's port alone. */
export function isOfOnePort({ port }: ServiceAddress, { destinationPort }: Wanted): boolean {
  return destinationPort === port && port !== PORT.ftp;
}

/** The mark takes the place of an address, in its first four bytes. */
function markAddress({ address, fwmark }: ServiceAddress): Address {
  return isIpv6(address) ? BigInt(fwmark) << 96n : fwmark;
}

/** `netmask` is a mask for IPv4, a prefix length for IPv6. */
function networkOf(address: Address, netmask: number): Address {
  if (!isIpv6(address)) return (address & netmask) >>> 0;
  const hostBits = BigInt(128 - netmask);
  return (address >> hostBits) << hostBits;
}
