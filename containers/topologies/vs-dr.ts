import { clients, FRONT, gateway, router } from './hosts.ts';
import type { Topology } from './topology.ts';

/** VS/DR: director and servers on one segment, the virtual address on a device that is not answered for, a gateway of their own (paper, figure of VS/DR). */
export const vsDr: Topology = {
  id: 'vs-dr',
  title: 'Requests go to a server by its MAC address alone; answers go straight to the client',
  method: 'direct-route',
  segments: ['internet', 'front'],
  machines: [
    ...clients,
    router([FRONT.router]),
    { name: 'director', role: 'director', interfaces: [FRONT.director], routes: gateway('10.2.0.1', 'fd00:2::1') },
    ...[1, 2, 3].map((number) => ({
      name: `server${number}`,
      role: 'server' as const,
      interfaces: [
        {
          name: 'eth0',
          segment: 'front',
          addresses: [`10.2.0.1${number}/24`, `fd00:2::1${number}/64`] as const,
        },
      ],
      routes: gateway('10.2.0.1', 'fd00:2::1'),
      virtualAddressesOn: 'lo' as const,
      sysctls: { 'ipv4.conf.all.arp_ignore': '1', 'ipv4.conf.all.arp_announce': '2' },
    })),
  ],
  virtualAddress: FRONT.virtualAddress,
  virtualAddress6: FRONT.virtualAddress6,
};
