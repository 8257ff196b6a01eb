import type { PortConfiguration } from '../../reference/environment.ts';

/** A host at the end of a wire: a client or a real server. */
export interface HostConfiguration {
  readonly port: PortConfiguration;
  /** Its other devices, each with its addresses (no prefix length): `lo`, `dummy0`; one called `tunl0` unwraps what comes in IPIP. */
  readonly devices: Readonly<Record<string, readonly string[]>>;
  /** Next hop to every address that is not on the port's network. */
  readonly gateway: string;
  /** Addresses that no device has, whose packets are handed to a local socket all the same (netfilter's REDIRECT). */
  readonly redirected: readonly string[];
  /** A firewall that drops every ICMP message. */
  readonly dropsIcmp: boolean;
  /** Kernel settings by name below `net.ipv4`; those left out are 0. */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** The device that unwraps IPIP. */
export const TUNNEL_DEVICE = 'tunl0';
