import { clients, FRONT, gateway, router } from './hosts.ts';
import type { Topology } from './topology.ts';

/** VS/NAT: servers in a private network whose gateway is the director (paper, figure of VS/NAT). */
export const vsNat: Topology = {
  id: 'vs-nat',
  title: 'Requests and answers pass the director, which rewrites addresses and ports both ways',
  method: 'nat',
  segments: ['internet', 'front', 'back'],
  machines: [
    ...clients,
    router([FRONT.router]),
    {
      name: 'director',
      role: 'director',
      interfaces: [FRONT.director, { name: 'eth1', segment: 'back', addresses: ['10.3.0.1/24', 'fd00:3::1/64'] }],
      routes: gateway('10.2.0.1', 'fd00:2::1'),
    },
    ...[1, 2, 3].map((number) => ({
      name: `server${number}`,
      role: 'server' as const,
      interfaces: [
        {
          name: 'eth0',
          segment: 'back',
          addresses: [`10.3.0.1${number}/24`, `fd00:3::1${number}/64`] as const,
        },
      ],
      routes: gateway('10.3.0.1', 'fd00:3::1'),
    })),
  ],
  virtualAddress: FRONT.virtualAddress,
  virtualAddress6: FRONT.virtualAddress6,
};
