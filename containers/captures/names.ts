import { parseMac } from '../../reference/wire/address.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { Role, Topology } from '../topologies/topology.ts';

/** Who is who in a topology: readers think of machines, not of numbers. */
export class Names {
  readonly #roles: ReadonlyMap<string, Role>;
  readonly #machines = new Map<string, string>();
  readonly #macs = new Map<number, string>();
  readonly #virtual: ReadonlySet<string>;

  constructor({ machines, virtualAddress, virtualAddress6 }: Topology) {
    this.#virtual = new Set([virtualAddress, virtualAddress6]);
    this.#roles = new Map(machines.map(({ name, role }) => [name, role]));
    for (const { name, interfaces } of machines) {
      for (const declaration of interfaces) {
        this.#macs.set(parseMac(macOf(declaration)), name);
        for (const prefix of declaration.addresses) this.#machines.set(prefix.replace(/\/\d+$/, ''), name);
      }
    }
  }

  /** `server1`, `VIP`; an address that nobody has is its own name. */
  ofAddress(address: string): string {
    return this.#virtual.has(address) ? 'VIP' : (this.#machines.get(address) ?? address);
  }

  /** The machine of an Ethernet address; undefined where it is none of an interface. */
  ofMac(mac: number): string | undefined {
    return this.#macs.get(mac);
  }

  /** Undefined for a virtual address, and for one that nobody has. */
  roleOf(address: string): Role | undefined {
    const machine = this.#machines.get(address);
    return machine === undefined ? undefined : this.#roles.get(machine);
  }

  roleOfMachine(machine: string): Role | undefined {
    return this.#roles.get(machine);
  }
}
