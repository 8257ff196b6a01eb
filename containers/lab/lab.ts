import type { Topology } from '../topologies/topology.ts';
import type { LabDirector } from './director.ts';
import type { Link } from './link.ts';
import type { Machine } from './machine.ts';

/** A running topology, for the scripts of scenarios. */
export interface Lab {
  readonly topology: Topology;
  /** The option of `ipvsadm -a` for the topology's method: `-m`, `-i`, `-g`. */
  readonly method: string;
  /** Virtual addresses; the one of IPv6 without brackets. */
  readonly vip: string;
  readonly vip6: string;
  readonly clients: readonly [Machine, Machine];
  readonly router: Machine;
  readonly servers: readonly [Machine, Machine, Machine];
  readonly director: LabDirector;
  /** The cable of a machine's interface, by default `eth0`. */
  link(machine: Machine | 'director', interfaceName?: string): Link;
}
