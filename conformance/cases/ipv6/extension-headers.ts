import type { Layer } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import type { TemplateLayer } from '../../harness/expectation.ts';
import { destinationOptions, fragment, hopByHop, icmp6, ip6, routing, tcp, udp } from '../../harness/layers.ts';
import { common, NAT, tcpRules, udpRules, VARIANTS, type Variant } from './services.ts';

/** Four bytes of PadN. */
const PADDING = { options: '010400000000' } as const;
/** An option that nobody knows, to be skipped (RFC 8200 §4.2: its two high bits are zero). */
const UNKNOWN = { options: '1e0400000000' } as const;

interface Chain {
  readonly id: string;
  readonly what: string;
  readonly headers: readonly (Layer & TemplateLayer)[];
}

const CHAINS: readonly Chain[] = [
  { id: 'hop-by-hop', what: 'a hop-by-hop options header', headers: [hopByHop(PADDING)] },
  { id: 'destination-options', what: 'a destination options header', headers: [destinationOptions(UNKNOWN)] },
  {
    id: 'several',
    what: 'three extension headers',
    headers: [hopByHop({ options: '050200000100' }), destinationOptions(PADDING), destinationOptions(UNKNOWN)],
  },
];

const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' } as const;

/** Methods that do not look into the packet, wrapped or not. */
const around = ({ method }: Variant): readonly TemplateLayer[] =>
  method === 'tunnel' ? [ip6({ nextHeader: 41 })] : [];

export const cases: readonly Case[] = [
  ...VARIANTS.flatMap((variant): Case[] =>
    CHAINS.map(({ id, what, headers }) => ({
      ...common,
      level: 'ipvs',
      id: `ipv6/${id}-${variant.method}`,
      title: `${variant.name}: ports behind ${what} are found, and the header passes`,
      requirement:
        'Extension headers stand between the IPv6 header and the transport header: a director finds the ports behind them, and leaves them as they are.',
      source: ['RFC 8200 §4', 'RFC 7045 §2.1', 'ip_vs.h:ip_vs_fill_iph_skb_off'],
      rules: tcpRules(variant),
      async script({ client, servers: [server], vip6 }) {
        await client.sends(ip6({ destination: vip6, hopLimit: 40 }), ...headers, tcp(syn));
        const destination = variant.method === 'nat' ? server.address6 : vip6;
        server.receives(
          ...around(variant),
          ip6({ source: client.address6, destination, hopLimit: 39 }),
          ...headers,
          tcp({ ...syn, destinationPort: variant.tcpPort }),
        );
        await client.sends(ip6({ destination: vip6 }), ...headers, tcp({ ...syn, flags: 'A', acknowledgement: 1 }));
        server.receives(...around(variant), ip6(), ...headers, tcp({ destinationPort: variant.tcpPort, flags: 'A' }));
      },
    })),
  ),
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/extension-headers-response',
    title: 'VS/NAT: a response behind extension headers is translated back',
    requirement:
      'Source address and port of a response become those of the service, wherever the transport header stands.',
    source: ['RFC 8200 §4', 'ip_vs_core.c:ip_vs_out_hook'],
    rules: udpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 });
      await flow.clientSends();
      await flow.server.sends(
        ip6({ destination: client.address6 }),
        destinationOptions(PADDING),
        udp({ sourcePort: 5353, destinationPort: 5000 }),
      );
      client.receives(
        ip6({ source: vip6, destination: client.address6, hopLimit: 63 }),
        destinationOptions(PADDING),
        udp({ sourcePort: 53, destinationPort: 5000 }),
      );
    },
  },
  {
    ...common,
    id: 'ipv6/state-behind-extension-headers',
    title: 'TCP behind extension headers changes the state of its connection',
    requirement: 'The flags of a segment move its connection from state to state, wherever the TCP header stands.',
    source: ['paper P14', 'RFC 8200 §4', 'ip_vs_proto_tcp.c:tcp_state_transition'],
    needs: ['connections'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      const [server] = lab.servers;
      const state = async () => (await lab.connections()).map((row) => row.state).join();
      const ports = { sourcePort: 8080, destinationPort: 40001 };
      await client.sends(ip6({ destination: vip6 }), destinationOptions(PADDING), tcp(syn));
      server.receives(ip6(), destinationOptions(), tcp());
      lab.equal('after the SYN', await state(), 'SYN_RECV', { id: 'flags-behind-ipv6-header', value: 'CLOSE' });
      await server.sends(ip6({ destination: client.address6 }), tcp({ ...ports, flags: 'AS', acknowledgement: 1001 }));
      client.receives(ip6({ source: vip6 }), tcp());
      const segment = { ...syn, sequence: 1001, acknowledgement: 5001 };
      await client.sends(ip6({ destination: vip6 }), destinationOptions(PADDING), tcp({ ...segment, flags: 'A' }));
      server.receives(ip6(), destinationOptions(), tcp());
      lab.equal('after the handshake', await state(), 'ESTABLISHED', {
        id: 'flags-behind-ipv6-header',
        value: 'CLOSE',
      });
    },
  },
  {
    ...common,
    id: 'ipv6/routing-header-type-0',
    title: 'A routing header of type 0 with segments left is refused, and its sender hears so',
    requirement:
      'A node that gets a packet for itself with a routing header of type 0 and segments left sends parameter problem, code 0, pointing to the routing type, and discards it.',
    source: ['RFC 5095 §3', 'RFC 8200 §4.4'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, director, vip6 } = lab;
      const data = '00000000' + '20010db8000000020000000000000077';
      await client.sends(
        ip6({ destination: director.client.address6 }),
        routing({ routingType: 0, segmentsLeft: 1, data }),
        tcp({ ...syn, checksum: 0 }),
      );
      client.receives(
        ip6({ source: director.client.address6, destination: client.address6 }),
        icmp6({ type: 4, code: 0, rest: 42 }),
        ip6({ destination: director.client.address6 }),
      );
      const flow = lab.flow({ virtualAddress: vip6, realPort: 8080 });
      await flow.establish();
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/atomic-fragment',
    title: 'A fragment header around a whole packet is no fragment',
    requirement:
      'An atomic fragment is a whole packet: it is made whole at once, and forwarded without its fragment header.',
    source: ['RFC 6946 §4', 'nf_conntrack_reasm.c:nf_ct_frag6_gather', 'https://github.com/cilium/cilium/issues/26292'],
    rules: udpRules(NAT),
    async script({ client, servers: [server], vip6 }) {
      await client.sends(
        ip6({ destination: vip6 }),
        fragment({ id: 7 }),
        udp({ sourcePort: 5000, destinationPort: 53 }),
      );
      server.receives(ip6({ destination: server.address6, nextHeader: 17 }), udp({ destinationPort: 5353 }));
    },
  },
];
