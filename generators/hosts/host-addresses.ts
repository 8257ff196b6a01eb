import { parseIpv4, parsePrefix } from '../../reference/wire/address.ts';
import type { HostConfiguration } from './host-configuration.ts';

/** Which addresses a host has, and on which device. */
export class HostAddresses {
  /** The one that it calls itself by. */
  readonly own: string;
  readonly #port: string;
  readonly #network: { readonly address: number; readonly mask: number };
  readonly #byDevice: ReadonlyMap<string, readonly string[]>;
  readonly #redirected: ReadonlySet<string>;

  /** @throws MalformedInput for a port without an address, and for an address that is none */
  constructor({ port, devices, redirected }: HostConfiguration) {
    const [first = ''] = port.addresses;
    this.#network = parsePrefix(first);
    this.#port = port.name;
    this.#byDevice = new Map([
      [port.name, port.addresses.map(withoutPrefix)],
      ...Object.entries(devices).map(([name, addresses]): [string, readonly string[]] => [name, addresses]),
    ]);
    this.#redirected = new Set(redirected);
    this.own = withoutPrefix(first);
    for (const address of [...this.#byDevice.values(), redirected].flat()) parseIpv4(address);
  }

  /** On any device: a host takes packets for each of its addresses wherever they come in (RFC 1122 §3.3.4.2, weak model). */
  isLocal(address: string): boolean {
    return this.devicesOf(address).length > 0;
  }

  /** Its packets reach a local socket. */
  isServed(address: string): boolean {
    return this.isLocal(address) || this.#redirected.has(address);
  }

  isRedirected(address: string): boolean {
    return this.#redirected.has(address) && !this.isLocal(address);
  }

  devicesOf(address: string): readonly string[] {
    return [...this.#byDevice].filter(([, addresses]) => addresses.includes(address)).map(([device]) => device);
  }

  hasDevice(device: string): boolean {
    return this.#byDevice.has(device);
  }

  hasAddressOn(device: string): boolean {
    return (this.#byDevice.get(device) ?? []).length > 0;
  }

  /** Reached without a router. */
  isOnLink(address: string): boolean {
    const { address: network, mask } = this.#network;
    return ((parseIpv4(address) ^ network) & mask) === 0;
  }

  /** The device that packets to this address leave by: there is one wire. */
  deviceTo(address: string): string {
    return this.isLocal(address) ? 'lo' : this.#port;
  }
}

const withoutPrefix = (prefix: string): string => prefix.replace(/\/.*/, '');
