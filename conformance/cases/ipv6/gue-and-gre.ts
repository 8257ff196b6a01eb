import type { Case } from '../../harness/case.ts';
import { gre, gue, icmp, icmp6, ip, ip6, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { ENCAPSULATIONS } from '../tunnel/encapsulations.ts';
import { common, SERVER, VIP } from './services.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };
const method = 'tunnel';
const LINK = 1500;

interface Families {
  readonly name: string;
  readonly title: string;
  readonly inside: 4 | 6;
  readonly outside: 4 | 6;
}

/** Which family may travel in which; IPv4 in IPv4 has cases of its own. */
const FAMILIES: readonly Families[] = [
  { name: '6-in-4', title: 'IPv6 inside IPv4', inside: 6, outside: 4 },
  { name: '4-in-6', title: 'IPv4 inside IPv6', inside: 4, outside: 6 },
  { name: '6-in-6', title: 'IPv6 inside IPv6', inside: 6, outside: 6 },
];

const rulesOf = ({ inside, outside }: Families, options: string) => {
  const service = `-t ${inside === 6 ? VIP : '10.0.0.100'}:80`;
  const server = outside === 6 ? SERVER : '192.168.1.11';
  return `
    -A ${service} -s rr
    -a ${service} -r ${server}:80 -i -w 1 ${options}
  `;
};

export const cases: readonly Case[] = [
  ...ENCAPSULATIONS.flatMap(({ name, title, options, tunnel, overhead, source }) =>
    FAMILIES.flatMap((families): readonly Case[] => {
      const { inside, outside } = families;
      const headers = inside === 6 ? 60 : 40;
      const mtu = LINK - overhead - (outside === 6 ? 20 : 0);
      const tunnelFamily = outside === 6 ? 'ipv6' : 'ipv4';
      return [
        {
          ...common,
          id: `ipv6/${name}-${families.name}`,
          title: `${title}, ${families.title}: the requests of a whole connection travel whole`,
          requirement:
            'The packet is wrapped whole, whatever the families: the outer header from the director to the server, the header of the tunnel, which names the family inside, and the packet as it was. A checksum of the tunnel, where it has one, is right.',
          source: ['paper P22', ...source],
          rules: rulesOf(families, options),
          async script(lab) {
            const virtualAddress = inside === 6 ? lab.vip6 : lab.vip;
            const flow = lab.flow({ method, tunnel, tunnelFamily, virtualAddress });
            await flow.establish();
            await flow.clientSends('AP', { payload: everyByte(701), tcp: { options: '0101080a0102030405060708' } });
            await flow.clientSends('AF');
          },
        },
        {
          ...common,
          id: `ipv6/${name}-${families.name}-mtu`,
          title: `${title}, ${families.title}: what does not fit behind its headers is refused, and the client told what does`,
          requirement:
            'A packet that would not fit the link behind the headers of the tunnel is answered with the MTU of the link less these headers; one of that size is forwarded.',
          source: ['RFC 1191 §4', 'RFC 8201 §4', 'RFC 2473 §7.1', 'ipvs-cases B11, J05'],
          rules: rulesOf(families, options),
          async script(lab) {
            const { client, director, vip, vip6 } = lab;
            const flow = lab.flow({ method, tunnel, tunnelFamily, virtualAddress: inside === 6 ? vip6 : vip });
            await flow.establish();
            const segment = [tcp({ ...ports, sequence: 5555, flags: 'A' }), payload(everyByte(mtu + 1 - headers))];
            if (inside === 6) {
              await client.sends(ip6({ destination: vip6 }), ...segment);
              client.receives(
                ip6({ source: { oneOf: [vip6, director.client.address6] }, destination: client.address6 }),
                icmp6({ type: 2, code: 0, rest: mtu }),
                ip6({ source: client.address6, destination: vip6, payloadLength: mtu - 39 }),
                tcp({ ...ports, sequence: 5555 }),
              );
            } else {
              await client.sends(ip({ destination: vip }), ...segment);
              client.receives(
                ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address }),
                icmp({ type: 3, code: 4, rest: mtu }),
                ip({ source: client.address, destination: vip, totalLength: mtu + 1 }),
                tcp({ ...ports, sequence: 5555 }),
              );
            }
            await flow.clientSends('A', { payload: everyByte(mtu - headers) });
          },
        },
      ];
    }),
  ),
  ...FAMILIES.map((families): Case => ({
    ...common,
    level: 'ipvs',
    id: `ipv6/gre-and-gue-${families.name}-header`,
    title: `${families.title}: the outer header of GUE and GRE is made as that of IPIP`,
    requirement:
      'It has the hop limit that the packet has left, and its DSCP; congestion experienced becomes ECT(0), and IPv6 has no flow label. The tunnel’s header names the family of the packet inside.',
    source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit, ip_vs_tunnel_xmit_v6, ipvs_gue_encap, ipvs_gre_encap'],
    needs: ['tunnel.gue'],
    rules: rulesOf(families, '--tun-type gre'),
    async script(lab) {
      const { client, servers, vip, vip6 } = lab;
      const [server] = servers;
      const { inside, outside } = families;
      const sendsAndHas = async (
        protocol: number,
        ...headers: readonly ReturnType<typeof gre | typeof gue | typeof udp>[]
      ) => {
        const request = tcp({ ...ports, flags: 'S' });
        if (inside === 6) {
          await client.sends(ip6({ destination: vip6, trafficClass: 0xbb, flowLabel: 0x12345, hopLimit: 33 }), request);
        } else {
          await client.sends(ip({ destination: vip, tos: 0xbb, ttl: 33 }), request);
        }
        server.receives(
          outside === 6
            ? ip6({
                destination: server.address6,
                nextHeader: protocol,
                trafficClass: 0xba,
                flowLabel: 0,
                hopLimit: 32,
              })
            : ip({ destination: server.address, protocol, tos: 0xba, ttl: 32 }),
          ...headers,
          inside === 6 ? ip6({ trafficClass: 0xbb, flowLabel: 0x12345 }) : ip({ tos: 0xbb }),
          tcp(),
        );
      };
      await sendsAndHas(47, gre({ flags: 0, protocol: inside === 6 ? 0x86dd : 0x0800 }));
      const edited = rulesOf(families, '--tun-type gue --tun-port 6080').split('\n').at(2) ?? '';
      await lab.configure(edited.trim().replace('-a ', '-e '));
      await sendsAndHas(17, udp({ destinationPort: 6080, checksum: 0 }), gue({ protocol: inside === 6 ? 41 : 4 }));
    },
  })),
];
