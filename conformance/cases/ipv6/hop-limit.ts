import type { Case } from '../../harness/case.ts';
import { icmp6, ip6, tcp } from '../../harness/layers.ts';
import { common, NAT, tcpRules, VARIANTS } from './services.ts';

const ports = { sourcePort: 40001, destinationPort: 80 } as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'ipv6/hop-limit-nat',
    title: 'VS/NAT takes one from the hop limit, in both directions and at every value',
    requirement: 'The hop limit is decremented by 1 by each node that forwards the packet.',
    source: ['RFC 8200 §3', 'ipvs-cases J01'],
    rules: tcpRules(NAT),
    async script(lab) {
      const flow = lab.flow({ virtualAddress: lab.vip6, realPort: 8080 });
      await flow.establish();
      for (const hopLimit of [255, 128, 3, 2]) {
        await flow.clientSends('AP', { payload: `hop limit ${hopLimit}`, ip6: { hopLimit } });
        await flow.serverSends('AP', { payload: `hop limit ${hopLimit}`, ip6: { hopLimit } });
      }
    },
  },
  ...VARIANTS.map((variant): Case => ({
    ...common,
    level: 'ipvs',
    id: `ipv6/hop-limit-ends-${variant.method}`,
    title: `${variant.name}: a request whose hops are over goes no further, and its client hears so`,
    requirement:
      'A packet with hop limit 1 or 0 is discarded, and its source gets time exceeded, code 0, from the virtual address, about the packet as it came.',
    source: ['RFC 4443 §3.3', 'ip_vs_xmit.c:decrement_ttl', 'ipvs-cases J03'],
    rules: tcpRules(variant),
    async script({ client, servers: [server], vip6 }) {
      for (const hopLimit of [1, 0]) {
        await client.sends(
          ip6({ destination: vip6, hopLimit, trafficClass: 3, flowLabel: 7 }),
          tcp({ ...ports, flags: 'S' }),
        );
        client.receives(
          ip6({ source: vip6, destination: client.address6, hopLimit: 64, trafficClass: 0, nextHeader: 58 }),
          icmp6({ type: 3, code: 0, rest: 0 }),
          ip6({
            source: client.address6,
            destination: vip6,
            hopLimit,
            payloadLength: 20,
            trafficClass: 3,
            flowLabel: 7,
          }),
          tcp({ ...ports, sequence: 1000 }),
        );
      }
      await client.sends(ip6({ destination: vip6, hopLimit: 2 }), tcp({ ...ports, flags: 'S' }));
      const hops = ip6({ hopLimit: 1 });
      server.receives(...(variant.method === 'tunnel' ? [ip6(), hops] : [hops]), tcp());
    },
  })),
  {
    ...common,
    id: 'ipv6/hop-limit-ends-response',
    title: 'A response whose hops are over goes no further, and its server hears so',
    requirement:
      'A packet whose hop limit a router decrements to zero is discarded, and its source gets time exceeded, code 0.',
    source: ['RFC 8200 §3', 'RFC 4443 §3.3', 'ipvs-cases A05'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, director } = lab;
      const flow = lab.flow({ virtualAddress: lab.vip6, realPort: 8080 });
      await flow.establish();
      await flow.server.sends(
        ip6({ destination: client.address6, hopLimit: 1 }),
        tcp({ sourcePort: 8080, destinationPort: 40001, flags: 'A', sequence: 5001, acknowledgement: 1001 }),
      );
      flow.server.receives(
        ip6({ source: { oneOf: [director.server.address6, lab.vip6] }, destination: flow.server.address6 }),
        icmp6({ type: 3, code: 0 }),
        ip6({ source: flow.server.address6, destination: client.address6, hopLimit: { oneOf: [1, 0] } }),
        tcp({ sourcePort: 8080, destinationPort: 40001 }),
      );
      await flow.serverSends('A', { ip6: { hopLimit: 2 } });
    },
  },
];
