/**
 * The host a director lives on: its Ethernet ports, addresses, routes. Everything that is not IPVS configuration.
 * Addresses are dotted quads or IPv6 addresses, prefixes `a.b.c.d/n` or `2001:db8::1/n`, MAC addresses six hexadecimal
 * pairs with colons, MTU in bytes. The host speaks IPv6 on all ports if anything here is IPv6; every port then has a
 * link-local address of its own (RFC 4291 §2.5.1, from its MAC address), and else none of it.
 */
export interface Environment {
  readonly ports: readonly PortConfiguration[];
  /**
   * The virtual IP addresses, for which the director answers on every port. Those of IPv4 are on no wire (the kernel's
   * `lo`); those of IPv6 are on every port, as neighbour discovery is about the addresses of an interface (RFC 4861
   * §7.2.3).
   */
  readonly virtualAddresses: readonly string[];
  /** Routes beside those that follow from the ports' addresses. */
  readonly routes: readonly RouteConfiguration[];
  /**
   * How the director finds MAC addresses: `arp` asks on the wire (for IPv6 by neighbour discovery); `derived` knows every address's MAC beforehand
   * ({@link derivedMac}), as `replay` needs, and treats every address as on link on port 0.
   */
  readonly neighbours: 'arp' | 'derived';
  /** What marks arriving packets before they are routed: of several rules that fit the last one counts. */
  readonly marks?: readonly MarkRule[];
  /** Destinations that are delivered to the director although they are none of its addresses. */
  readonly localRoutes?: readonly LocalRoute[];
  /**
   * Kernel settings by name below `net.ipv4`, e.g. `vs.conn_reuse_mode`: `'1'`, or below `net` where it begins with `ipv6` or `netfilter`;
   * those left out have the kernel's defaults.
   */
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
  /** `0.0.0.0/0` and `::/0` are the default routes. */
  readonly destination: string;
  readonly via: string;
}

/** A rule of the firewall, as of iptables: for IPv4. What it leaves out fits every packet; ports are those of TCP and UDP. */
export interface MarkRule {
  /** 1 to 2³² - 1. */
  readonly mark: number;
  readonly protocol?: 'tcp' | 'udp';
  /** Prefixes. */
  readonly source?: string;
  readonly destination?: string;
  readonly destinationPorts?: readonly [first: number, last: number];
}

/** `ip route add local DESTINATION dev lo`; with a mark in a table of its own, and `ip rule add fwmark MARK lookup` of that table. */
export interface LocalRoute {
  /** A prefix of IPv4. */
  readonly destination: string;
  readonly mark?: number;
}

/** Whether the host has anything to do with IPv6. */
export function speaksIpv6({ ports, virtualAddresses, routes }: Environment): boolean {
  const texts = [
    ...ports.flatMap(({ addresses }) => addresses),
    ...virtualAddresses,
    ...routes.map(({ destination }) => destination),
  ];
  return texts.some((text) => text.includes(':'));
}
