/**
 * The host a director lives on: its Ethernet ports, addresses, routes. Everything that is not IPVS configuration.
 * Addresses are dotted quads, prefixes `a.b.c.d/n`, MAC addresses six hexadecimal pairs with colons, MTU in bytes.
 */
export interface Environment {
  readonly ports: readonly PortConfiguration[];
  /** Addresses local to the director on no wire (the kernel's `lo`): the virtual IP addresses. It answers ARP for them on every port. */
  readonly virtualAddresses: readonly string[];
  /** Routes beside those that follow from the ports' addresses. */
  readonly routes: readonly RouteConfiguration[];
  /**
   * How the director finds MAC addresses: `arp` asks on the wire; `derived` knows every address's MAC beforehand
   * ({@link derivedMac}), as `replay` needs, and treats every address as on link on port 0.
   */
  readonly neighbours: 'arp' | 'derived';
  /** Kernel settings by name below `net.ipv4`, e.g. `vs.conn_reuse_mode`: `'1'`; those left out have the kernel's defaults. */
  readonly sysctls: Readonly<Record<string, string>>;
}

export interface PortConfiguration {
  readonly name: string;
  readonly mac: string;
  /** Interface addresses with prefix length, e.g. `10.0.0.1/24`; the first is the preferred source address. */
  readonly addresses: readonly string[];
  readonly mtu: number;
}

export interface RouteConfiguration {
  /** `0.0.0.0/0` is the default route. */
  readonly destination: string;
  readonly via: string;
}
