import type { Case } from '../../harness/case.ts';
import { ipv6Environment } from '../../harness/default-environment.ts';
import { ip, ip6, tcp } from '../../harness/layers.ts';
import { common, SERVER, tcpRules, VARIANTS, VIP } from './services.ts';

const [, TUNNEL] = VARIANTS;
/** Shares more bits with the servers' addresses than the director's own does. */
const IN_NETWORK_OF_SERVERS = '2001:db8:0:2::10';
const segment = { sourcePort: 40001, destinationPort: 80, flags: 'S' } as const;

export const cases: readonly Case[] = [
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/tunnel-header',
    title: 'The outer IPv6 header: hop limit of the packet, traffic class without ECN, flow label zero',
    requirement:
      'The outer header has the hop limit that the packet has left and its traffic class with a mark of congestion taken for ECT(0), and no flow label.',
    source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit_v6', 'RFC 6040 §4.1', 'ipvs-cases J02'],
    rules: tcpRules(TUNNEL),
    async script({ client, director, servers: [server], vip6 }) {
      await client.sends(ip6({ destination: vip6, trafficClass: 3, flowLabel: 0x12345, hopLimit: 40 }), tcp(segment));
      server.receives(
        ip6({
          source: director.server.address6,
          destination: server.address6,
          nextHeader: 41,
          trafficClass: 2,
          flowLabel: 0,
          hopLimit: 39,
          payloadLength: 60,
        }),
        ip6({ source: client.address6, destination: vip6, trafficClass: 3, flowLabel: 0x12345, hopLimit: 39 }),
        tcp(segment),
      );
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/tunnel-from-own-address',
    title:
      "A tunnel's packets come from the director's own address, even where the virtual one is nearer to the server",
    requirement:
      'The outer source is not the virtual address: real servers have it too, and drop what comes to them from an address of their own.',
    source: ['RFC 6724 §5 rule 3', 'net/ipv6/ip6_tunnel.c:ip6_tnl_rcv_ctl'],
    environment: { ...ipv6Environment, virtualAddresses: ['10.0.0.100', IN_NETWORK_OF_SERVERS] },
    rules: `
      -A -t [${IN_NETWORK_OF_SERVERS}]:80 -s rr
      -a -t [${IN_NETWORK_OF_SERVERS}]:80 -r ${SERVER}:80 -i -w 1
    `,
    async script({ client, director, servers: [server] }) {
      await client.sends(ip6({ destination: IN_NETWORK_OF_SERVERS }), tcp(segment));
      server.receives(
        ip6({ source: director.server.address6, destination: server.address6, nextHeader: 41 }),
        ip6({ source: client.address6, destination: IN_NETWORK_OF_SERVERS }),
        tcp(segment),
      );
    },
  },
  {
    ...common,
    id: 'ipv6/tunnel-over-ipv4',
    title: 'A server with an IPv4 address gets IPv6 requests through an IPv4 tunnel',
    requirement:
      'An IPv6 packet is carried as it is in an IPv4 one of protocol 41, whose addresses are the director’s and the server’s.',
    source: ['paper P22', 'RFC 4213 §3', 'ipvs-cases J08'],
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r 192.168.1.11:80 -i -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ virtualAddress: lab.vip6, method: 'tunnel', tunnelFamily: 'ipv4' });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET /', ip6: { trafficClass: 0xb8, flowLabel: 0x12345 } });
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/tunnel-over-ipv4-header',
    title: 'An IPv4 tunnel around IPv6 has DF clear',
    requirement: 'The inner packet has no DF to copy: the outer header’s is clear, its TOS is the traffic class.',
    source: ['ip_vs_xmit.c:ip_vs_prepare_tunneled_skb', 'ipvs-cases J08'],
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r 192.168.1.11:80 -i -w 1
    `,
    async script({ client, servers: [server], vip6 }) {
      await client.sends(ip6({ destination: vip6, trafficClass: 0x48, hopLimit: 40 }), tcp(segment));
      server.receives(
        ip({ protocol: 41, tos: 0x48, df: false, ttl: 39, totalLength: 80 }),
        ip6({ trafficClass: 0x48, hopLimit: 39 }),
        tcp(segment),
      );
    },
  },
  {
    ...common,
    id: 'ipv6/tunnel-of-ipv4',
    title: 'A server with an IPv6 address gets IPv4 requests through an IPv6 tunnel',
    requirement:
      'An IPv4 packet is carried as it is in an IPv6 one with next header 4, whose addresses are the director’s and the server’s.',
    source: ['paper P22', 'RFC 2473 §3'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r ${SERVER}:80 -i -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel', tunnelFamily: 'ipv6' });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET /', ip: { tos: 0xb8 } });
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/families-of-one-service',
    title: 'Tunnels of both families serve one service',
    requirement: 'Servers of a service may be reached over tunnels of different families, each by its own.',
    source: ['ip_vs_ctl.c:ip_vs_add_dest', 'https://github.com/acassen/keepalived/issues/713'],
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r 192.168.1.11:80 -i -w 1
      -a -t ${VIP}:80 -r [2001:db8:0:2::12]:80 -i -w 1
    `,
    async script({ client, servers: [first, second], vip6 }) {
      await client.sends(ip6({ destination: vip6 }), tcp(segment));
      second.receives(ip6({ destination: second.address6 }), ip6(), tcp());
      await client.sends(ip6({ destination: vip6 }), tcp({ ...segment, sourcePort: 40002 }));
      first.receives(ip({ destination: first.address, protocol: 41 }), ip6(), tcp());
    },
  },
  ...(['-m', '-g'] as const).map((option): Case => ({
    ...common,
    level: 'ipvs',
    id: `ipv6/mixed-refused-${option === '-m' ? 'nat' : 'direct-route'}`,
    title: `A server of the other family is refused with ${option}: only a tunnel reaches it`,
    requirement: 'VS/NAT and VS/DR forward the packet itself, which cannot reach a server of the other family.',
    source: ['ip_vs_ctl.c:ip_vs_add_dest', 'https://github.com/acassen/keepalived/pull/879'],
    needs: ['services', option === '-m' ? 'nat' : 'direct-route'],
    rules: `
      -A -t ${VIP}:80 -s rr
      -A -t 10.0.0.100:80 -s rr
      -a -t ${VIP}:80 -r ${SERVER}:80 -i
    `,
    async script(lab) {
      await lab.refuses(`-a -t ${VIP}:80 -r 192.168.1.12:80 ${option}`);
      await lab.refuses(`-a -t 10.0.0.100:80 -r [2001:db8:0:2::12]:80 ${option}`);
      await lab.configure(`-a -t ${VIP}:80 -r [2001:db8:0:2::13]:80 ${option}`);
      lab.equal('servers', (await lab.services()).map(({ servers }) => servers.length).sort(), [0, 2]);
    },
  })),
];
