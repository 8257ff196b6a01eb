import type { IcmpFields, Layer } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import type { ExpectedFields } from '../../harness/expectation.ts';
import type { Lab, Packet } from '../../harness/lab.ts';
import { gre, gue, icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { ENCAPSULATIONS, rulesOfTunnel } from '../tunnel/encapsulations.ts';
import { datagramOf, quote, templateOf } from './icmp-packets.ts';

const method = 'tunnel';
const ports = { sourcePort: 40001, destinationPort: 80 };
/** What an error about a packet holds of it at most (RFC 1812 §4.3.2.3). */
const MOST_QUOTED = 548;

const HOST_UNREACHABLE = { type: 3, code: 1 };
const tooLarge = (rest: number): IcmpFields => ({ type: 3, code: 4, rest });

/** The router quotes the first `length` bytes of a tunnel packet, by default all. */
async function routerReports(lab: Lab, error: IcmpFields, about: Packet, length?: number): Promise<void> {
  await lab.router.sends(ip({ destination: lab.director.server.address }), icmp(error), quote(about, length));
}

/** The client hears it of the packet inside. */
function clientHears(
  { client, director, vip }: Lab,
  error: ExpectedFields<IcmpFields>,
  about: Packet,
  overhead: number,
  quoted = MOST_QUOTED,
): void {
  const inner = templateOf(datagramOf(about).subarray(overhead, overhead + quoted));
  client.receives(
    ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address }),
    icmp(error),
    ...inner,
  );
}

export const cases: readonly Case[] = [
  ...ENCAPSULATIONS.flatMap(({ name, title, options, tunnel, overhead }): readonly Case[] => [
    {
      id: `icmp/tunnel-${name}-unreachable`,
      title: `${title}: a client hears that the far end of its tunnel cannot be reached`,
      requirement:
        'Host unreachable from within the tunnel becomes an error to the client about the packet inside: the tunnel and the server’s address do not show.',
      source: ['paper P4', 'RFC 2003 §4.1', 'ip_vs_core.c:ip_vs_in_icmp, ipvs_udp_decap, ipvs_gre_decap'],
      level: 'core',
      tags: ['tunnel', 'icmp'],
      needs: [],
      rules: rulesOfTunnel(options),
      async script(lab) {
        const flow = lab.flow({ method, tunnel });
        await flow.establish();
        const about = await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
        await routerReports(lab, HOST_UNREACHABLE, about);
        clientHears(lab, { type: 3, code: { oneOf: [0, 1] } }, about, overhead);
      },
    },
    {
      id: `icmp/tunnel-${name}-quote`,
      title: `${title}: an error must quote the tunnel packet as far as the ports inside`,
      requirement:
        'The quote must hold all headers and the ports behind them: of four bytes less the client hears nothing, nor of a damaged error.',
      source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F20, F21, F28'],
      level: 'ipvs',
      tags: ['tunnel', 'icmp'],
      needs: [],
      rules: rulesOfTunnel(options),
      async script(lab) {
        const flow = lab.flow({ method, tunnel });
        const about = await flow.clientSends('S');
        for (const length of [20, 22, 24, 28, overhead, overhead + 16, overhead + 20, overhead + 23]) {
          await routerReports(lab, HOST_UNREACHABLE, about, length);
          lab.nothingElse();
        }
        await routerReports(lab, { ...HOST_UNREACHABLE, checksum: 0x1234 }, about);
        lab.nothingElse();
        await routerReports(lab, HOST_UNREACHABLE, about, overhead + 24);
        clientHears(lab, { ...HOST_UNREACHABLE, rest: 0 }, about, overhead, 24);
      },
    },
    {
      id: `icmp/tunnel-${name}-path-mtu`,
      title: `${title}: a client learns what fits into its tunnel`,
      requirement:
        'Once a packet was sent after a router named its MTU, the next error of that router is relayed with the MTU less all headers of the tunnel, and the director refuses what is larger with the same number.',
      source: ['RFC 2003 §5.1', 'RFC 1191 §4', 'ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F29'],
      level: 'core',
      tags: ['tunnel', 'icmp', 'mtu'],
      needs: [],
      rules: rulesOfTunnel(options),
      async script(lab) {
        const { client, vip, director } = lab;
        const flow = lab.flow({ method, tunnel });
        await flow.establish();
        const about = await flow.clientSends('A', { payload: 'm'.repeat(1400) });
        await routerReports(lab, tooLarge(1400), about);
        // What the first error says is asked by `icmp/tunnel-path-mtu`.
        clientHears(lab, { type: 3, code: 4 }, about, overhead);
        await flow.clientSends('A');
        await routerReports(lab, tooLarge(1400), about);
        const mtu = 1400 - overhead;
        const deviation = 'tunnel-mtu-less-an-ip-header';
        clientHears(lab, { type: 3, code: 4, rest: { required: mtu, deviates: 1380, deviation } }, about, overhead);
        await client.sends(
          ip({ destination: vip }),
          tcp({ ...ports, sequence: 5555, flags: 'A' }),
          payload('m'.repeat(mtu - 39)),
        );
        client.receives(
          ip({ source: { oneOf: [vip, director.client.address] } }),
          icmp(tooLarge(mtu)),
          ip({ totalLength: mtu + 1 }),
          tcp({ sequence: 5555 }),
        );
        await flow.clientSends('A', { payload: 'm'.repeat(mtu - 40) });
      },
    },
  ]),
  {
    id: 'icmp/tunnel-gue-strange',
    title: 'An error about UDP that is no tunnel of ours tells nobody',
    requirement:
      'The quoted datagram must go to the tunnel port of a real server of GUE, its header be data in version 0 with IPv4 inside, and the packet inside be of a connection. Options of the header are skipped.',
    source: ['ip_vs_core.c:ipvs_udp_decap'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules: rulesOfTunnel('--tun-type gue --tun-port 6080'),
    async script(lab) {
      const { client, director, router, vip } = lab;
      const flow = lab.flow({ method, tunnel: 'gue' });
      await flow.clientSends('S');
      const inner = [ip({ source: client.address, destination: vip }), tcp({ ...ports, flags: 'S' })] as const;
      const outer = ip({ source: director.server.address, destination: flow.server.address, id: 0 });
      const to = udp({ sourcePort: 40000, destinationPort: 6080 });
      const reports = (...quoted: readonly Layer[]) =>
        router.sends(ip({ destination: director.server.address }), icmp(HOST_UNREACHABLE), ...quoted);
      for (const quoted of [
        [ip({ ...outer, destination: '192.168.1.77' }), to, gue(), ...inner],
        [outer, udp({ sourcePort: 40000, destinationPort: 6081 }), gue({ protocol: 4 }), ...inner],
        [outer, to, gue({ version: 1 }), ...inner],
        [outer, to, gue({ control: true }), ...inner],
        [outer, to, gue({ protocol: 41 }), ...inner],
        [outer, to, gue({ headerLength: 8 }), ...inner],
        [outer, to, gue(), inner[0], tcp({ ...ports, sourcePort: 40002 })],
        [ip({ ...outer, offset: 800 }), to, gue(), ...inner],
        [ip({ ...outer, protocol: 47 }), to, gue(), ...inner],
        [outer, ...inner],
      ]) {
        await reports(...quoted);
        lab.nothingElse();
      }
      for (const header of [gue(), gue({ options: '01020304' }), gue({ flags: 0xffff })]) {
        await reports(outer, to, header, ...inner);
        client.receives(ip({ source: vip }), icmp(HOST_UNREACHABLE), ...inner);
      }
    },
  },
  {
    id: 'icmp/tunnel-gre-strange',
    title: 'An error about GRE that is no tunnel of ours tells nobody',
    requirement:
      'The quoted packet must go to a real server of GRE, have no flag but that of a checksum, version 0 and IPv4 inside. Whether the checksum is right does not matter, nor whether the tunnel has one.',
    source: ['ip_vs_core.c:ipvs_gre_decap'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules: rulesOfTunnel('--tun-type gre'),
    async script(lab) {
      const { client, director, router, vip } = lab;
      const flow = lab.flow({ method, tunnel: 'gre' });
      await flow.clientSends('S');
      const inner = [ip({ source: client.address, destination: vip }), tcp({ ...ports, flags: 'S' })] as const;
      const outer = ip({ source: director.server.address, destination: flow.server.address, id: 0 });
      const reports = (...quoted: readonly Layer[]) =>
        router.sends(ip({ destination: director.server.address }), icmp(HOST_UNREACHABLE), ...quoted);
      for (const quoted of [
        [ip({ ...outer, destination: '192.168.1.77' }), gre(), ...inner],
        ...[0x4000, 0x2000, 0x1000, 0x0800, 0x0001, 0x0100, 0x0080].map((flags) => [
          outer,
          gre({ flags, protocol: 0x0800 }),
          ...inner,
        ]),
        [outer, gre({ protocol: 0x86dd }), ...inner],
        [outer, gre({ protocol: 0x6558 }), ...inner],
        [ip({ ...outer, offset: 800 }), gre(), ...inner],
        [ip({ ...outer, protocol: 4 }), ...inner],
        [outer, gre(), inner[0], tcp({ ...ports, sourcePort: 40002 })],
      ]) {
        await reports(...quoted);
        lab.nothingElse();
      }
      for (const header of [gre(), gre({ flags: 0x8000 }), gre({ checksum: 0x0bad })]) {
        await reports(outer, header, ...inner);
        client.receives(ip({ source: vip }), icmp(HOST_UNREACHABLE), ...inner);
      }
    },
  },
];
