import type { Case } from '../../harness/case.ts';
import type { Host, Lab, Packet } from '../../harness/lab.ts';
import type { IcmpFields } from '../../../reference/wire/layer.ts';
import { icmp, ip } from '../../harness/layers.ts';
import { quote, quoteWithNames } from './icmp-packets.ts';

const tcpRules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;
const udpRules = `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
`;

const udpFlow = { protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 } as const;

interface Report {
  readonly from: Host;
  readonly about: Packet;
  readonly error: IcmpFields;
  /** Bytes of the packet that the error quotes; by default all. */
  readonly quoted?: number;
  readonly port: number;
  /** Addresses that the client may take the error to come from; by default the virtual one. */
  readonly as?: readonly string[];
}

/** `from` could not deliver or use a packet; the client must hear it in the names that he knows. */
async function clientHears(lab: Lab, { from, about, error, quoted, port, as = [lab.vip] }: Report): Promise<void> {
  const { client, director, vip } = lab;
  const quotedBytes = quote(about, quoted);
  await from.sends(ip({ destination: client.address, id: 0x5151, tos: 0xc0, df: false }), icmp(error), quotedBytes);
  client.receives(
    { kind: 'ethernet', source: director.client.mac, destination: client.mac },
    ip({
      source: { oneOf: as },
      destination: client.address,
      protocol: 1,
      id: 0x5151,
      tos: 0xc0,
      ttl: 63,
      df: false,
      totalLength: 28 + (quotedBytes.kind === 'payload' ? (quotedBytes.data ?? '').length / 2 : 0),
    }),
    icmp({ rest: 0, ...error }),
    ...quoteWithNames(about, { side: 'destination', address: vip, port, transportChecksum: 'either' }, quoted),
  );
}

/** What servers, and routers before them, say of a request. Source quench is not among them: RFC 6633 did away with it. */
const ERRORS: readonly (IcmpFields & { readonly name: string })[] = [
  { type: 3, code: 0, name: 'network unreachable' },
  { type: 3, code: 1, name: 'host unreachable' },
  { type: 3, code: 2, name: 'protocol unreachable' },
  { type: 3, code: 3, name: 'port unreachable' },
  { type: 3, code: 10, name: 'host administratively prohibited' },
  { type: 3, code: 13, name: 'communication administratively prohibited' },
  { type: 11, code: 0, name: 'time to live exceeded' },
  { type: 11, code: 1, name: 'reassembly time exceeded' },
];

export const cases: readonly Case[] = [
  {
    id: 'icmp/server-port-unreachable',
    title: 'The client hears that no process serves its datagram, of the virtual service and not of the server',
    requirement:
      "An ICMP error about a translated packet is translated back: it comes from the virtual address and quotes the client's packet with the virtual address and port. The quoted IP header is consistent, the rest is as the server saw it.",
    source: ['paper P4, P13', 'RFC 3022 §4.3', 'RFC 5508 §4.2', 'ipvs-cases F01'],
    level: 'core',
    tags: ['nat', 'icmp', 'udp'],
    needs: [],
    rules: udpRules,
    async script(lab) {
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends('', { payload: 'x'.repeat(10) });
      // RFC 792: the header and eight bytes, which is all that many hosts quote.
      await clientHears(lab, { from: flow.server, about, error: { type: 3, code: 3 }, quoted: 28, port: 53 });
      await clientHears(lab, { from: flow.server, about, error: { type: 3, code: 3 }, port: 53 });
    },
  },
  ...ERRORS.map(({ name, ...error }): Case => ({
    id: `icmp/server-error-${error.type}-${error.code}`,
    title: `"${name[0]?.toUpperCase()}${name.slice(1)}" about a request reaches the client as such`,
    requirement:
      'Type and code of an ICMP error are for the client: they stay, while addresses and ports are translated back. The connection goes on.',
    source: ['paper P4', 'RFC 3022 §4.3', 'RFC 5508 §4.2', 'RFC 1122 §3.2.2.1, §3.2.2.4'],
    level: 'core',
    tags: ['nat', 'icmp', 'tcp'],
    needs: [],
    rules: tcpRules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const about = await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await clientHears(lab, { from: flow.server, about, error, port: 80 });
      await clientHears(lab, { from: flow.server, about, error, quoted: 28, port: 80 });
      await flow.serverSends('AP', { payload: 'HTTP/1.0 200 OK\r\n\r\n' });
    },
  })),
  {
    id: 'icmp/server-path-mtu',
    title: 'A client learns the path MTU behind the director',
    requirement:
      'Fragmentation needed from a router between director and server reaches the client with the MTU of the next hop unchanged, so that path MTU discovery works through the translation.',
    source: ['paper P4', 'RFC 1191 §4', 'RFC 5508 §4.2'],
    level: 'core',
    tags: ['nat', 'icmp', 'mtu'],
    needs: [],
    rules: tcpRules,
    async script(lab) {
      const { director, router, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(1400) });
      const error = { type: 3, code: 4, rest: 1300 };
      await clientHears(lab, { from: router, about, error, port: 80, as: [vip, director.client.address] });
      await flow.clientSends('A', { payload: 'm'.repeat(1260) });
    },
  },
  {
    id: 'icmp/server-error-about-options',
    title: 'A quoted packet with IP options is translated like any other',
    requirement:
      'The ports in a quoted packet stand behind its IP header, however long that is: they are translated back, and the options stay.',
    source: ['paper P4', 'RFC 791 §3.1', 'RFC 3022 §4.3'],
    level: 'core',
    tags: ['nat', 'icmp', 'options'],
    needs: [],
    rules: udpRules,
    async script(lab) {
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends('', { ip: { options: '0101010101010101' } });
      await clientHears(lab, { from: flow.server, about, error: { type: 3, code: 3 }, quoted: 36, port: 53 });
    },
  },
  {
    id: 'icmp/server-error-to-its-client',
    title: 'Of several clients only the one whose packet is quoted hears of an error',
    requirement:
      "An error is about one connection: its client gets it, with his own port and the connection's virtual port; nobody else gets anything.",
    source: ['paper P4, P12', 'RFC 792'],
    level: 'core',
    tags: ['nat', 'icmp', 'connection'],
    needs: [],
    rules: `
      -A -u 10.0.0.100:53 -s rr
      -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
      -A -u 10.0.0.100:54 -s rr
      -a -u 10.0.0.100:54 -r 192.168.1.11:5454 -m -w 1
    `,
    async script(lab) {
      const { otherClient } = lab;
      const first = lab.flow(udpFlow);
      const second = lab.flow({ ...udpFlow, port: 5001 });
      const otherService = lab.flow({ ...udpFlow, virtualPort: 54, realPort: 5454 });
      const others = lab.flow({ ...udpFlow, client: otherClient });
      const error = { type: 3, code: 3 };
      const packets: [Packet, number][] = [];
      for (const flow of [first, second]) packets.push([await flow.clientSends(), 53]);
      packets.push([await otherService.clientSends(), 54]);
      await others.clientSends();
      for (const [about, port] of packets) await clientHears(lab, { from: first.server, about, error, port });
      otherClient.receivesNothing();
    },
  },
  {
    id: 'icmp/router-error',
    title: 'An error from a router before the servers does not show that there is one',
    requirement:
      'The structure of the cluster is invisible: an error from a router on the private network comes from the virtual address, or from the address that clients know the director by.',
    source: ['paper P4, P19', 'RFC 5508 §4.2'],
    level: 'core',
    tags: ['nat', 'icmp', 'route'],
    needs: [],
    rules: tcpRules,
    async script(lab) {
      const { director, router, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      const about = await flow.clientSends('S');
      const as = [vip, director.client.address];
      await clientHears(lab, { from: router, about, error: { type: 3, code: 1 }, quoted: 28, port: 80, as });
    },
  },
  {
    id: 'icmp/router-error-from-virtual-address',
    title: 'Errors about a translated packet come from the virtual address, whoever sent them',
    requirement:
      'Whichever host reports about a packet to a server, another server or a router, the client gets the report from the virtual address.',
    source: ['ip_vs_core.c:handle_response_icmp', 'ip_vs_core.c:ip_vs_nat_icmp'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'route'],
    needs: [],
    rules: tcpRules,
    async script(lab) {
      const [, second] = lab.servers;
      const flow = lab.flow({ realPort: 8080 });
      const about = await flow.clientSends('S');
      for (const from of [second, lab.router]) {
        await clientHears(lab, { from, about, error: { type: 11, code: 0 }, port: 80 });
      }
    },
  },
];
