import { parseIpv6, writeIpv6 } from '../../../reference/wire/ipv6-address.ts';
import { IPV6 } from '../../../reference/wire/ipv6.ts';
import type { Icmp6Fields } from '../../../reference/wire/layer.ts';
import { dissect } from '../../../reference/wire/packet.ts';
import type { Case } from '../../harness/case.ts';
import type { TemplateLayer } from '../../harness/expectation.ts';
import type { Packet } from '../../harness/lab.ts';
import { icmp6, ip6, payload, tcp } from '../../harness/layers.ts';
import { common, NAT, tcpRules, udpRules, VARIANTS, VIP } from './services.ts';

/** The received IPv6 datagram. */
const datagramOf = ({ bytes }: Packet): Uint8Array => Uint8Array.from(bytes.subarray(14));
const quote = (packet: Packet) => payload(datagramOf(packet));

/** The quote of a packet with another address and port on one side, its transport checksum as it was. */
function renamed(packet: Packet, side: 'source' | 'destination', address: string, port: number): Uint8Array {
  const bytes = datagramOf(packet);
  const view = new DataView(bytes.buffer);
  writeIpv6(view, IPV6[side], parseIpv6(address));
  view.setUint16(IPV6.headerLength + (side === 'source' ? 0 : 2), port);
  return bytes;
}

/** Whatever a director does about the transport checksum of a quote, no host looks at it. */
const asTemplate = (bytes: Uint8Array): readonly TemplateLayer[] =>
  dissect(bytes, 'ip6').map(({ layer }) => ('checksum' in layer ? { ...layer, checksum: { any: true } } : layer));

const ERRORS: readonly { readonly name: string; readonly error: Icmp6Fields }[] = [
  { name: 'no route', error: { type: 1, code: 0, rest: 0 } },
  { name: 'administratively prohibited', error: { type: 1, code: 1, rest: 0 } },
  { name: 'address unreachable', error: { type: 1, code: 3, rest: 0 } },
  { name: 'port unreachable', error: { type: 1, code: 4, rest: 0 } },
  { name: 'packet too big', error: { type: 2, code: 0, rest: 1280 } },
  { name: 'hop limit exceeded', error: { type: 3, code: 0, rest: 0 } },
  { name: 'reassembly time exceeded', error: { type: 3, code: 1, rest: 0 } },
  { name: 'parameter problem', error: { type: 4, code: 1, rest: 6 } },
];

const udpFlow = { protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 } as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'ipv6/errors-from-server',
    title: 'The client hears every ICMPv6 error about his datagram in the names that he knows',
    requirement:
      'An ICMPv6 error about a translated packet is translated back: it comes from the virtual address, quotes the client’s packet with the virtual address and port, and has a right checksum, which covers the addresses.',
    source: ['paper P4, P13', 'RFC 4443 §2.3, §2.4', 'ipvs-cases J07'],
    rules: udpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, ...udpFlow });
      const about = await flow.clientSends('', { payload: 'x'.repeat(10) });
      for (const { name, error } of ERRORS) {
        await flow.server.sends(ip6({ destination: client.address6, flowLabel: 9 }), icmp6(error), quote(about));
        lab.equal(`whether the client hears of ${name}`, client.hasPacket, true, {
          id: 'icmpv6-from-servers-dropped',
          value: false,
        });
        if (!client.hasPacket) continue;
        client.receives(
          ip6({ source: vip6, destination: client.address6, hopLimit: 63, flowLabel: 9 }),
          icmp6(error),
          ...asTemplate(renamed(about, 'destination', vip6, 53)),
        );
      }
    },
  },
  {
    ...common,
    id: 'ipv6/errors-from-client',
    title: 'The server hears every ICMPv6 error about its response in the names that it knows',
    requirement:
      'An ICMPv6 error about a packet of the virtual service reaches the server that sent it, quoting its own address and port.',
    source: ['paper P4, P11', 'RFC 4443 §2.4'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'HTTP/1.1 200 OK' });
      for (const { error } of ERRORS) {
        await client.sends(ip6({ destination: vip6 }), icmp6(error), quote(about));
        flow.server.receives(
          ip6({ source: client.address6, destination: flow.server.address6, hopLimit: 63 }),
          icmp6(error),
          ...asTemplate(renamed(about, 'source', flow.server.address6, 8080)),
        );
      }
    },
  },
  {
    ...common,
    id: 'ipv6/error-from-router',
    title: 'A router on the way that finds a response too big is heard by the server',
    requirement:
      'Packet too big reaches the sender of the packet whoever found it so; the director has no part in the MTU that it names.',
    source: ['RFC 8201 §4', 'ipvs-cases F09'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { gateway, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'HTTP/1.1 200 OK' });
      await gateway.sends(
        ip6({ source: '2001:db8:9::9', destination: vip6 }),
        icmp6({ type: 2, rest: 1300 }),
        quote(about),
      );
      flow.server.receives(
        ip6({ source: '2001:db8:9::9', destination: flow.server.address6 }),
        icmp6({ type: 2, code: 0, rest: 1300 }),
        ...asTemplate(renamed(about, 'source', flow.server.address6, 8080)),
      );
    },
  },
  ...VARIANTS.slice(1).map((variant): Case => ({
    ...common,
    id: `ipv6/errors-${variant.method}`,
    title: `${variant.name}: an ICMPv6 error about a response reaches the server that sent it`,
    requirement:
      'The server answers the client itself; an error about that comes to the virtual address and must reach the server, unchanged.',
    source: [variant.claim, 'RFC 4443 §2.4', 'ipvs-cases F13, F15'],
    rules: tcpRules(variant),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      const flow = lab.flow({ virtualAddress: vip6, method: variant.method });
      await flow.establish();
      const response = [
        ip6({ source: vip6, destination: client.address6, hopLimit: 60 }),
        tcp({ sourcePort: 80, destinationPort: 40001, sequence: 5001, flags: 'A' }),
      ];
      await client.sends(ip6({ destination: vip6 }), icmp6({ type: 2, rest: 1300 }), ...response);
      const inner = [ip6({ source: client.address6, destination: vip6 }), icmp6({ type: 2, rest: 1300 }), ...response];
      server.receives(...(variant.method === 'tunnel' ? [ip6({ destination: server.address6 })] : []), ...inner);
    },
  })),
  {
    ...common,
    id: 'ipv6/error-of-wrong-checksum',
    title: 'An ICMPv6 error with a wrong checksum goes nowhere',
    requirement: 'A message whose checksum is wrong is discarded.',
    source: ['RFC 4443 §2.3', 'ipvs-cases F11'],
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'HTTP/1.1 200 OK' });
      const error = { type: 1, code: 4 };
      await client.sends(ip6({ destination: vip6 }), icmp6({ ...error, checksum: 0x1234 }), quote(about));
      lab.equal('whether the server gets it', flow.server.hasPacket, false, {
        id: 'icmpv6-checksum-made-right',
        value: true,
      });
      if (flow.server.hasPacket) flow.server.receives(ip6(), icmp6(error));
      await client.sends(ip6({ destination: vip6 }), icmp6(error), quote(about));
      flow.server.receives(ip6({ destination: flow.server.address6 }), icmp6(error));
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/no-server',
    title: 'A service without servers: the client hears that the port is unreachable',
    requirement:
      'A request that no server can take is answered with ICMPv6 port unreachable from the virtual address, quoting as much of it as 1280 bytes hold.',
    source: ['ip_vs_core.c:ip_vs_leave', 'RFC 4443 §3.1', 'ipvs-cases E01'],
    rules: `-A -t ${VIP}:80 -s rr`,
    needs: ['nat'],
    async script({ client, vip6 }) {
      for (const length of [0, 1172, 1173, 1400]) {
        await client.sends(
          ip6({ destination: vip6, trafficClass: 0x0a }),
          tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
          { kind: 'payload', data: 'ab'.repeat(length) },
        );
        client.receives(
          ip6({
            source: vip6,
            destination: client.address6,
            hopLimit: 64,
            trafficClass: 0,
            payloadLength: Math.min(1240, 8 + 60 + length),
          }),
          icmp6({ type: 1, code: 4, rest: 0 }),
          ip6({ source: client.address6, destination: vip6, hopLimit: 64, payloadLength: 20 + length }),
          tcp({ sequence: 1000 }),
        );
      }
    },
  },
  {
    ...common,
    id: 'ipv6/echo',
    title: 'The director answers echo requests to its own and to the virtual address',
    requirement: 'Every node answers an echo request with its data, from the address that was asked.',
    source: ['RFC 4443 §4.1, §4.2', 'ipvs-cases F12'],
    rules: tcpRules(NAT),
    async script({ client, director, vip6 }) {
      for (const address of [vip6, director.client.address6]) {
        const data = payload(`echo of ${address}`);
        await client.sends(ip6({ destination: address }), icmp6({ type: 128, rest: 0x0001_0002 }), data);
        client.receives(
          ip6({ source: address, destination: client.address6, hopLimit: 64 }),
          icmp6({ type: 129, code: 0, rest: 0x0001_0002 }),
          data,
        );
      }
    },
  },
];
