import { toHex } from '../../../reference/wire/hex.ts';
import { buildPacket } from '../../../reference/wire/packet.ts';
import type { Case } from '../../harness/case.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { fragment, ip6, payload, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { common, NAT, udpRules, VARIANTS } from './services.ts';

const TEXT = everyByte(1200);
const FIRST = 800;

/** A request in two fragments, of which the first holds 800 bytes. */
function requestOf(client: Host, vip6: string, id: number, text = TEXT) {
  const header = ip6({ source: client.address6, destination: vip6, nextHeader: 17 });
  const data = buildPacket([header, udp({ sourcePort: 5000, destinationPort: 53 }), payload(text)]).subarray(40);
  const addresses = { source: client.address6, destination: vip6 };
  return [
    [ip6(addresses), fragment({ nextHeader: 17, offset: 0, mf: true, id }), payload(data.subarray(0, FIRST))],
    [ip6(addresses), fragment({ nextHeader: 17, offset: FIRST, mf: false, id }), payload(data.subarray(FIRST))],
  ] as const;
}

/** What the server got, made whole from however many fragments of one id: the datagram behind the first IPv6 header. */
function received(lab: Lab): Uint8Array {
  const [server] = lab.servers;
  const parts: { readonly offset: number; readonly id: number | undefined; readonly data: Uint8Array }[] = [];
  while (server.hasPacket) {
    const { bytes, layers } = server.receives(ip6());
    const second = layers[2];
    const { offset = 0, id } = second?.layer.kind === 'fragment' ? second.layer : {};
    const start = second === undefined ? bytes.length : second.offset + (id === undefined ? 0 : second.length);
    parts.push({ offset, id, data: bytes.subarray(start) });
  }
  lab.equal('number of different fragment ids', new Set(parts.map(({ id }) => id)).size, 1);
  const whole = new Uint8Array(parts.reduce((length, { data }) => length + data.length, 0));
  for (const { offset, data } of parts) {
    lab.within('end of a fragment', offset + data.length, data.length, whole.length);
    whole.set(data, offset);
  }
  return whole;
}

export const cases: readonly Case[] = [
  ...VARIANTS.map((variant): Case => ({
    ...common,
    level: 'ipvs',
    id: `ipv6/fragments-${variant.method}`,
    title: `${variant.name} balances a request that comes in fragments, in whichever order`,
    requirement: 'All of a datagram goes to one server, though only its first fragment says for which service it is.',
    source: [variant.claim, 'RFC 8200 §4.5', 'ipvs-cases B14–B16'],
    rules: udpRules(variant),
    async script(lab) {
      const { client, vip6 } = lab;
      for (const [id, order] of [
        [7, [0, 1]],
        [8, [1, 0]],
      ] as const) {
        const request = requestOf(client, vip6, id);
        for (const index of order) await client.sends(...request[index]);
        const datagram = received(lab);
        const transport = variant.method === 'tunnel' ? datagram.subarray(40) : datagram;
        lab.equal('the ports', toHex(transport.subarray(0, 4)), `1388${variant.udpPort.toString(16).padStart(4, '0')}`);
        lab.equal('the data', payload(transport.subarray(8)), payload(TEXT));
      }
    },
  })),
  {
    ...common,
    id: 'ipv6/fragment-later-alone',
    title: 'A later fragment alone goes nowhere',
    requirement: 'A fragment that is not the first names no service: without its first one it is forwarded to nobody.',
    source: ['RFC 8200 §4.5', 'ipvs-cases B23', 'https://github.com/yanet-platform/yanet2/pull/2637'],
    rules: udpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      // Its data reads like the header of a request.
      const [, later] = requestOf(client, vip6, 9, `${everyByte(FIRST - 8)}\x13\x88\x00\x35\x00\x10\x00\x00datagram`);
      await client.sends(...later);
      lab.nothingElse();
      await lab
        .flow({ virtualAddress: vip6, protocol: 'udp', port: 5001, virtualPort: 53, realPort: 5353 })
        .clientSends();
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/fragments-gathered-for-server',
    title: 'A server of IPv6 is enough for fragments of IPv6 to be put together',
    requirement:
      'Once a service of IPv4 has a server of IPv6, fragments that are routed are held until they are whole, though no service is of IPv6.',
    source: ['ip_vs_ctl.c:ip_vs_new_dest', 'net/ipv6/netfilter/nf_defrag_ipv6_hooks.c:nf_defrag_ipv6_enable'],
    needs: [...common.needs, 'tunnel'],
    rules: '-A -t 10.0.0.100:80 -s rr',
    async script(lab) {
      const { client, servers } = lab;
      const [first, later] = requestOf(servers[0], client.address6, 7);
      await servers[0].sends(...later);
      client.receives(ip6(), fragment({ offset: FIRST }));
      await lab.configure('-a -t 10.0.0.100:80 -r [2001:db8:0:2::11]:80 -i -w 1');
      await servers[0].sends(...later);
      lab.nothingElse();
      await servers[0].sends(...first);
      client.receives(ip6(), fragment({ offset: 0 }));
      client.receives(ip6(), fragment({ offset: FIRST }));
    },
  },
];
