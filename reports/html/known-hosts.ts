import { SERVER_NETWORK } from '../../generators/real-server/server-network.ts';
import { CaseLab } from '../../conformance/harness/case-lab.ts';
import { defaultEnvironment } from '../../conformance/harness/default-environment.ts';
import { Network } from '../../conformance/harness/network.ts';
import { PROFILES } from '../../reference/profile.ts';
import type { KnownHost } from './ladder-of.ts';

/** The lab's hosts by MAC address, in the order in which the lab has them; then those that only a real server's lab has. */
export function knownHosts(): ReadonlyMap<string, KnownHost> {
  const network = new Network(Infinity);
  new CaseLab(defaultEnvironment, new Set(), network, PROFILES.linux);
  const { director, neighbour } = SERVER_NETWORK;
  return new Map([
    ...network.hosts.map(({ mac, name, address, address6 }) => [mac, { name, address, address6 }] as const),
    [director.mac, { name: 'director', address: director.address, address6: '' }],
    [neighbour.mac, { name: 'neighbour', address: neighbour.address, address6: '' }],
  ]);
}
