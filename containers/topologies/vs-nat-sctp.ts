import type { Topology } from './topology.ts';
import { vsNat } from './vs-nat.ts';

/** VS/NAT with a client and servers that speak SCTP, which the kernels of few hosts have: where this one's has not, they get their own. */
export const vsNatSctp: Topology = {
  ...vsNat,
  id: 'vs-nat-sctp',
  title: 'Associations pass the director as connections do',
  onlyNamed: true,
  machines: vsNat.machines.map((machine) =>
    machine.role === 'server' || machine.name === 'client1' ? { ...machine, needs: ['sctp'] as const } : machine,
  ),
};
