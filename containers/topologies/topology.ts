import type { ForwardingMethod } from '../../reference/administration/command.ts';

/** Machines, the Ethernet segments between them, and what they know of each other: a picture of the papers, as data. */
export interface Topology {
  /** Also the area of its cases: `vs-nat`. */
  readonly id: string;
  /** What is to be seen in it, in a sentence. */
  readonly title: string;
  readonly method: ForwardingMethod;
  /** An Ethernet switch each. */
  readonly segments: readonly string[];
  readonly machines: readonly MachineDeclaration[];
  readonly virtualAddress: string;
  readonly virtualAddress6: string;
  /** Only scenarios that name the topology run in it; left out: also those that name none. */
  readonly onlyNamed?: true;
}

export type Role = 'client' | 'router' | 'director' | 'server';

/** What a machine's kernel must have beyond any Linux: where the host's has not, the machine gets a user-mode kernel of its own. */
export type KernelNeed = 'ipvs' | 'ipip' | 'sctp';

export interface MachineDeclaration {
  /** Unique; also its host name: `server1`. */
  readonly name: string;
  readonly role: Role;
  readonly interfaces: readonly InterfaceDeclaration[];
  /** Beside those that follow from the addresses. */
  readonly routes: readonly RouteDeclaration[];
  /** The device with the virtual addresses, where it has them: a director's are its director's business. */
  readonly virtualAddressesOn?: 'lo' | 'tunl0';
  /** By name below `net`, e.g. `ipv4.conf.all.arp_ignore`: `'1'`. */
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly needs?: readonly KernelNeed[];
}

export interface InterfaceDeclaration {
  /** `eth0` */
  readonly name: string;
  readonly segment: string;
  /** Prefixes, IPv4 first: `10.1.0.11/24`, `fd00:1::11/64`. The MAC address follows from the first, see `macOf`. */
  readonly addresses: readonly [string, ...string[]];
}

export interface RouteDeclaration {
  /** `default`, or a prefix. */
  readonly destination: string;
  readonly via: string;
}
