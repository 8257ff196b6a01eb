import { clients, FRONT, gateway, router } from './hosts.ts';
import type { Topology } from './topology.ts';

/** VS/TUN: servers behind a router in another network, with the virtual address on a tunnel device (paper, figure of VS/TUN). */
export const vsTun: Topology = {
  id: 'vs-tun',
  title: 'Requests are wrapped and sent across a router; answers go straight to the client',
  method: 'tunnel',
  segments: ['internet', 'front', 'remote'],
  machines: [
    ...clients,
    router([FRONT.router, { name: 'eth2', segment: 'remote', addresses: ['10.4.0.1/24', 'fd00:4::1/64'] }]),
    { name: 'director', role: 'director', interfaces: [FRONT.director], routes: gateway('10.2.0.1', 'fd00:2::1') },
    ...[1, 2, 3].map((number) => ({
      name: `server${number}`,
      role: 'server' as const,
      interfaces: [
        {
          name: 'eth0',
          segment: 'remote',
          addresses: [`10.4.0.1${number}/24`, `fd00:4::1${number}/64`] as const,
        },
      ],
      routes: gateway('10.4.0.1', 'fd00:4::1'),
      virtualAddressesOn: 'tunl0' as const,
      needs: ['ipip'] as const,
      sysctls: {
        'ipv4.conf.all.arp_ignore': '1',
        'ipv4.conf.all.arp_announce': '2',
        // What the tunnel device unwraps comes from clients that are reached through another device.
        'ipv4.conf.all.rp_filter': '0',
        'ipv4.conf.tunl0.rp_filter': '0',
      },
    })),
  ],
  virtualAddress: FRONT.virtualAddress,
  virtualAddress6: FRONT.virtualAddress6,
};
