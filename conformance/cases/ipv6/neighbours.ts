import type { Case } from '../../harness/case.ts';
import { ethernet, icmp6, ip6, neighbour, tcp } from '../../harness/layers.ts';
import { common, NAT, tcpRules, VARIANTS, VIP } from './services.ts';

const SOLICITATION = { type: 135, code: 0 } as const;
const ADVERTISEMENT = { type: 136, code: 0 } as const;
/** Solicited and override; a router may say that it is one. */
const FLAGS = {
  solicited: { oneOf: [0x6000_0000, 0xe000_0000] },
  toAll: { oneOf: [0x2000_0000, 0xa000_0000] },
} as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'ipv6/solicited-for-virtual-address',
    title: 'The director answers neighbour solicitations for the virtual address',
    requirement:
      'A node that is solicited for one of its addresses answers the solicitor with its link-layer address, solicited and to override what was known before.',
    source: ['RFC 4861 §7.2.3, §7.2.4', 'paper P29'],
    rules: tcpRules(NAT),
    async script({ client, director, vip6 }) {
      await client.sends(
        ip6({ destination: 'ff02::1:ff00:100', hopLimit: 255 }),
        icmp6(SOLICITATION),
        neighbour({ target: vip6, mac: client.mac }),
      );
      client.receives(
        ethernet({ destination: client.mac, source: director.client.mac }),
        ip6({ source: vip6, destination: client.address6, hopLimit: 255 }),
        icmp6({ ...ADVERTISEMENT, rest: FLAGS.solicited }),
        neighbour({ target: vip6, option: 2, mac: director.client.mac }),
      );
    },
  },
  {
    ...common,
    id: 'ipv6/solicited-for-own-address',
    title: 'The director answers for its addresses on each wire, asked by all or alone',
    requirement:
      'A node answers solicitations for its addresses, whether they come by multicast or to it alone, as from one who still knows it.',
    source: ['RFC 4861 §7.2.3, §7.3.3'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, director, servers } = lab;
      for (const [host, own] of [
        [client, director.client],
        [servers[0], director.server],
      ] as const) {
        lab.equal(`the MAC address of ${own.address6}`, await host.arps(own.address6), own.mac);
        await host.sends(
          ip6({ destination: own.address6, hopLimit: 255 }),
          icmp6(SOLICITATION),
          neighbour({ target: own.address6, mac: host.mac }),
        );
        host.receives(ip6(), icmp6(ADVERTISEMENT), neighbour({ target: own.address6, option: 2, mac: own.mac }));
      }
    },
  },
  {
    ...common,
    id: 'ipv6/duplicate-of-virtual-address',
    title: 'Who wants the virtual address for himself hears, with all others, that it is taken',
    requirement: 'A solicitation from the unspecified address is answered to all nodes, and not as solicited.',
    source: ['RFC 4861 §7.2.4', 'RFC 4862 §5.4.3'],
    rules: tcpRules(NAT),
    async script({ client, director, vip6 }) {
      await client.sends(
        ip6({ source: '::', destination: 'ff02::1:ff00:100', hopLimit: 255 }),
        icmp6(SOLICITATION),
        neighbour({ target: vip6 }),
      );
      client.receives(
        ethernet({ destination: '33:33:00:00:00:01' }),
        ip6({ source: vip6, destination: 'ff02::1', hopLimit: 255 }),
        icmp6({ ...ADVERTISEMENT, rest: FLAGS.toAll }),
        neighbour({ target: vip6, option: 2, mac: director.client.mac }),
      );
    },
  },
  {
    ...common,
    id: 'ipv6/solicitations-not-answered',
    title: 'Solicitations for others, and those that came over a router, are not answered',
    requirement:
      'A solicitation for an address that is not the node’s own, one with another hop limit than 255, and one whose target is a group are silently discarded.',
    source: ['RFC 4861 §7.1.1, §7.2.3'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const ask = (target: string, hopLimit = 255) =>
        client.sends(
          ip6({ destination: 'ff02::1:ff00:100', hopLimit }),
          icmp6(SOLICITATION),
          neighbour({ target, mac: client.mac }),
        );
      await ask(servers[0].address6);
      await ask(vip6, 254);
      await ask('ff02::1:ff00:100');
      client.receivesNoArp(icmp6(ADVERTISEMENT), neighbour());
      lab.equal('the MAC address asked for in the right way', await client.arps(vip6), lab.director.client.mac);
    },
  },
  ...VARIANTS.map((variant): Case => ({
    ...common,
    id: `ipv6/asks-for-server-${variant.method}`,
    title: `${variant.name}: the director asks for its server by neighbour discovery, and loses no packet meanwhile`,
    requirement:
      'A node that does not know a neighbour’s link-layer address solicits it at its solicited-node address, with its own, and keeps the packet until the answer comes.',
    source: ['RFC 4861 §7.2.2'],
    rules: tcpRules(variant),
    async script(lab) {
      const { director } = lab;
      const [server] = lab.servers;
      const flow = lab.flow({ virtualAddress: lab.vip6, method: variant.method, realPort: variant.tcpPort });
      await flow.clientSends('S');
      server.receives(
        ethernet({ destination: '33:33:ff:00:00:11', source: director.server.mac }),
        ip6({ destination: 'ff02::1:ff00:11', hopLimit: 255 }),
        icmp6({ ...SOLICITATION, rest: 0 }),
        neighbour({ target: server.address6, option: 1, mac: director.server.mac }),
      );
    },
  })),
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/server-not-there',
    title:
      'A server that does not answer solicitations: after three of them, the client hears that it cannot be reached',
    requirement:
      'When address resolution fails after three solicitations a second apart, each waiting packet is answered with address unreachable.',
    source: ['RFC 4861 §7.2.2', 'ndisc.c:ndisc_error_report', 'ipvs-cases A40'],
    needs: ['clock'],
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r [2001:db8:0:2::77]:80 -g -w 1
    `,
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, method: 'direct-route' });
      await flow.clientSendsInVain('S');
      await lab.wait(4);
      for (let question = 0; question < 3; question++) {
        servers[0].receives(icmp6(SOLICITATION), neighbour({ target: '2001:db8:0:2::77' }));
      }
      servers[0].receivesNoArp(icmp6(SOLICITATION), neighbour());
      client.receives(
        ip6({ source: vip6, destination: client.address6, hopLimit: 64 }),
        icmp6({ type: 1, code: 3, rest: 0 }),
        ip6({ source: client.address6, destination: vip6, hopLimit: 63 }),
        tcp(),
      );
    },
  },
];
