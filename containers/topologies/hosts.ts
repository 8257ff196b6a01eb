import type { MachineDeclaration } from './topology.ts';

/** The two clients and the router that all topologies have: whoever asks for the service is beyond a router, as in the papers' figures. */
export const clients: readonly MachineDeclaration[] = [1, 2].map((number) => ({
  name: `client${number}`,
  role: 'client',
  interfaces: [{ name: 'eth0', segment: 'internet', addresses: [`10.1.0.1${number}/24`, `fd00:1::1${number}/64`] }],
  routes: [
    { destination: 'default', via: '10.1.0.1' },
    { destination: 'default', via: 'fd00:1::1' },
  ],
}));

/** @param behind its interfaces apart from that to the clients */
export function router(behind: MachineDeclaration['interfaces']): MachineDeclaration {
  return {
    name: 'router',
    role: 'router',
    interfaces: [{ name: 'eth0', segment: 'internet', addresses: ['10.1.0.1/24', 'fd00:1::1/64'] }, ...behind],
    routes: [],
    sysctls: { 'ipv4.ip_forward': '1', 'ipv6.conf.all.forwarding': '1', 'ipv4.conf.all.send_redirects': '0' },
  };
}

/** The network between router and director, which the virtual addresses are of. */
export const FRONT = {
  virtualAddress: '10.2.0.100',
  virtualAddress6: 'fd00:2::100',
  router: { name: 'eth1', segment: 'front', addresses: ['10.2.0.1/24', 'fd00:2::1/64'] },
  director: { name: 'eth0', segment: 'front', addresses: ['10.2.0.2/24', 'fd00:2::2/64'] },
} as const;

/** Routes to everybody through a gateway of both families. */
export function gateway(address: string, address6: string): MachineDeclaration['routes'] {
  return [
    { destination: 'default', via: address },
    { destination: 'default', via: address6 },
  ];
}
