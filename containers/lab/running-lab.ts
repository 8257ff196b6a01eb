import { InternalFault } from '../../reference/errors.ts';
import type { Topology } from '../topologies/topology.ts';
import type { Lab } from './lab.ts';
import type { Link } from './link.ts';
import type { Machine } from './machine.ts';
import type { Switch } from './switch.ts';
import type { WatchedDirector } from './watched-director.ts';

const METHOD_OPTIONS = { nat: '-m', tunnel: '-i', 'direct-route': '-g' } as const;

export interface LabParts {
  readonly topology: Topology;
  readonly director: WatchedDirector;
  /** All but the director's. */
  readonly machines: readonly Machine[];
  readonly cables: Switch;
  /** Ends and removes all of it. */
  readonly stop: () => Promise<void>;
}

/** A topology with a director, running. */
export class RunningLab implements Lab {
  readonly topology: Topology;
  readonly director: WatchedDirector;
  readonly cables: Switch;
  readonly stop: () => Promise<void>;
  readonly #machines: readonly Machine[];

  constructor({ topology, director, machines, cables, stop }: LabParts) {
    this.topology = topology;
    this.director = director;
    this.cables = cables;
    this.#machines = machines;
    this.stop = stop;
  }

  get method(): string {
    return METHOD_OPTIONS[this.topology.method];
  }

  get vip(): string {
    return this.topology.virtualAddress;
  }

  get vip6(): string {
    return this.topology.virtualAddress6;
  }

  get clients(): readonly [Machine, Machine] {
    return [this.#machine('client1'), this.#machine('client2')];
  }

  get router(): Machine {
    return this.#machine('router');
  }

  get servers(): readonly [Machine, Machine, Machine] {
    return [this.#machine('server1'), this.#machine('server2'), this.#machine('server3')];
  }

  link(machine: Machine | 'director', interfaceName = 'eth0'): Link {
    return this.cables.link(machine === 'director' ? machine : machine.name, interfaceName);
  }

  #machine(name: string): Machine {
    const machine = this.#machines.find((each) => each.name === name);
    if (machine === undefined) throw new InternalFault(`${this.topology.id} declares no ${name}`);
    return machine;
  }
}
