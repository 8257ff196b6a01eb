import type { Profile } from '../../reference/profile.ts';
import type { DissectedLayer, Layer } from '../../reference/wire/layer.ts';
import type { StatisticsFile } from '../targets/target.ts';
import type { TemplateLayer } from './expectation.ts';
import type { Flow, FlowOptions } from './flow.ts';

/**
 * What a case's script sees: simulated hosts around the director on two wires, and the director's controls.
 *
 * ```
 *   client 10.0.0.2 ─┐                                        ┌─ servers[0] 192.168.1.11
 *   other  10.0.0.3 ─┤ 10.0.0.0/24 ── director ── 192.168.1.0/24 ─┤─ … servers[3] 192.168.1.14
 *   gateway 10.0.0.254┘  .1, VIP .100        .1               ├─ router 192.168.1.254
 *                                                             └─ peer   192.168.1.2
 * ```
 *
 * All hosts speak IPv6 too (RFC 3849's addresses); the director does where the case's environment is `ipv6Environment`:
 *
 * ```
 *   client  2001:db8:0:1::2 ─┐                                                  ┌─ servers[0] 2001:db8:0:2::11
 *   other   2001:db8:0:1::3 ─┤ 2001:db8:0:1::/64 ── director ── 2001:db8:0:2::/64 ─┤─ … servers[3] 2001:db8:0:2::14
 *   gateway 2001:db8:0:1::fe ┘  ::1, VIP ::100            ::1                  └─ router 2001:db8:0:2::fe
 * ```
 */
export interface Lab {
  readonly vip: '10.0.0.100';
  readonly vip6: '2001:db8:0:1::100';
  readonly client: Host;
  readonly otherClient: Host;
  readonly gateway: Host;
  readonly servers: readonly [Host, Host, Host, Host];
  readonly router: Host;
  /** Another director on the servers' wire, as far as it takes part in synchronisation: it listens to 224.0.0.81. */
  readonly peer: Host;
  /** The director's own addresses and MACs, by wire. */
  readonly director: { readonly client: Attachment; readonly server: Attachment };
  /** What the director is held to where kernels differ: a case of level `ipvs` asks for the one entry that it is about. */
  readonly profile: Profile;
  /** One TCP or UDP conversation with everything about its forwarding checked at each step. */
  flow(options?: FlowOptions): Flow;
  configure(...commands: readonly string[]): Promise<void>;
  /** Expects the director to refuse the command. */
  refuses(command: string): Promise<void>;
  sysctl(name: string, value: string): Promise<void>;
  /** Lets virtual time pass; everything that follows from it has been delivered when it resolves. */
  wait(seconds: number): Promise<void>;
  connections(): Promise<readonly ConnectionRow[]>;
  /** The connections with who made them: `/proc/net/ip_vs_conn_sync`. */
  origins(): Promise<readonly OriginRow[]>;
  services(): Promise<readonly ServiceRow[]>;
  /** The director is gone, and another one is in its place: the same host, without rules, connections and daemons. */
  replaceDirector(): Promise<void>;
  /** The texts of `/proc/net/ip_vs_conn`, `/proc/net/ip_vs_conn_sync` and `/proc/net/ip_vs`. */
  connectionsText(): Promise<string>;
  originsText(): Promise<string>;
  servicesText(): Promise<string>;
  /** What ipvsadm prints for a listing command such as `-L -n --stats`. */
  list(command: string): Promise<string>;
  /** The text of `/proc/net/ip_vs_stats`, or of `/proc/net/ip_vs_stats_percpu`. */
  statisticsText(file?: StatisticsFile): Promise<string>;
  /** Fails unless every frame so far was expected. The runner asks once more after the script. */
  nothingElse(): void;
  /** Fails unless `actual` is what is required. `deviates` names a documented other value. Compared by value. */
  equal<T>(what: string, actual: T, required: T, deviates?: { readonly id: string; readonly value: T }): void;
  /** Fails unless `low` <= `actual` <= `high`: for times left, which a real director measures a moment later. */
  within(what: string, actual: number, low: number, high: number): void;
  /** Takes the next packet from whichever of the hosts got one. Fails where none or more than one did. */
  oneOf(hosts: readonly Host[], template: readonly TemplateLayer[]): { readonly host: Host; readonly packet: Packet };
}

export interface Attachment {
  readonly mac: string;
  readonly address: string;
  /** The IPv6 address; of a director without IPv6 `::`. */
  readonly address6: string;
}

/** A host on one of the wires. It answers ARP and neighbour solicitations for its own addresses; everything else the script does. */
export interface Host extends Attachment {
  readonly name: string;
  readonly port: number;
  /**
   * Sends a packet given from the IP layer inwards (or from the Ethernet or ARP layer, for full control) and waits until all that follows was
   * delivered. Left out: IP source is the host, MAC addresses by ARP or neighbour discovery for the next hop (hosts outside the /24 or the
   * /64: the director), everything else the defaults of `buildPacket`. An ARP request goes to everybody.
   */
  sends(...layers: readonly Layer[]): Promise<void>;
  /** Sends several packets without waiting in between. */
  sendsTogether(packets: readonly (readonly Layer[])[]): Promise<void>;
  /**
   * Takes the next packet that arrived here and fails unless it matches. The template begins at the IP layer (or at Ethernet).
   * Its layers must be the packet's layers in order; the packet may have more of them. Checksums of IP, TCP, UDP and ICMP must be right
   * unless the template states them (`checksum: 0x1111`, or `checksum: { any: true }`); those of a packet quoted in an ICMP error are free.
   *
   * A template of an ARP message (`arp({ operation: 1 })`) or of neighbour discovery (`icmp6({ type: 135 }), neighbour()`) takes the first
   * message here that matches. They need not be asked about.
   */
  receives(...template: readonly TemplateLayer[]): Packet;
  /** Fails if a packet waits here. ARP and neighbour discovery do not count. */
  receivesNothing(): void;
  /** Fails if a message of ARP or neighbour discovery that matches came here and was not taken. */
  receivesNoArp(...template: readonly TemplateLayer[]): void;
  /** Asks for an address, by ARP or neighbour solicitation: the MAC answered, or undefined where nobody does. */
  arps(address: string): Promise<string | undefined>;
  /** Whether a packet waits here. */
  readonly hasPacket: boolean;
  /** Further addresses of either family that this host answers for and receives packets of. Loses nothing it had. */
  owns(address: string): void;
  /** From now on gets the packets to a multicast group. */
  joins(group: string): void;
  /** From now on answers no ARP request and no neighbour solicitation. */
  silent(): void;
}

/** A received packet. */
export interface Packet {
  readonly bytes: Uint8Array;
  /** From the Ethernet layer. */
  readonly layers: readonly DissectedLayer[];
}

/** A line of `/proc/net/ip_vs_conn`. Endpoints are `address:port`. */
export interface ConnectionRow {
  readonly protocol: string;
  readonly client: string;
  readonly virtual: string;
  readonly destination: string;
  readonly state: string;
  /** Whole seconds left. */
  readonly expires: number;
}

/** A line of `/proc/net/ip_vs_conn_sync`. */
export interface OriginRow extends ConnectionRow {
  /** `LOCAL`, or `SYNC` where another director told of it. */
  readonly origin: string;
}

/** A service of `/proc/net/ip_vs`. */
export interface ServiceRow {
  readonly protocol: string;
  readonly address: string;
  readonly scheduler: string;
  /** What stands behind the scheduler, e.g. `persistent 30000 FFFFFFFF` or `ops`; often empty. */
  readonly flags: string;
  readonly servers: readonly ServerRow[];
}

export interface ServerRow {
  readonly address: string;
  /** `Masq`, `Tunnel`, `Route` or `Local`. */
  readonly forward: string;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}
