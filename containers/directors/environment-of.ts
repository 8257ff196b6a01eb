import type { Environment } from '../../reference/environment.ts';
import { macOf } from '../topologies/mac-of.ts';
import type { Topology } from '../topologies/topology.ts';
import { InternalFault } from '../../reference/errors.ts';

/** Bytes of a packet on a cable that nobody has changed. */
const MTU = 1500;

/** The director's machine of a topology in the reference's terms. */
export function environmentOf(
  { id, machines, virtualAddress, virtualAddress6 }: Topology,
  sysctls: Readonly<Record<string, string>> = {},
): Environment {
  const director = machines.find(({ role }) => role === 'director');
  if (director === undefined) throw new InternalFault(`${id} declares no director`);
  return {
    ports: director.interfaces.map((declaration) => ({
      name: declaration.name,
      mac: macOf(declaration),
      addresses: [...declaration.addresses],
      mtu: MTU,
    })),
    virtualAddresses: [virtualAddress, virtualAddress6],
    routes: director.routes.map(({ destination, via }) => ({
      destination: destination !== 'default' ? destination : via.includes(':') ? '::/0' : '0.0.0.0/0',
      via,
    })),
    neighbours: 'arp',
    sysctls,
  };
}
