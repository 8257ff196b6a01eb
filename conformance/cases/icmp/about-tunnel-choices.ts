import type { IcmpFields } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab, Packet } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { datagramOf, quote, templateOf } from './icmp-packets.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
`;

const METHOD = { method: 'tunnel' } as const;

/** The router quotes the first `length` bytes of a tunnel packet, by default all. */
async function routerReports(lab: Lab, error: IcmpFields, about: Packet, length?: number): Promise<void> {
  await lab.router.sends(ip({ destination: lab.director.server.address }), icmp(error), quote(about, length));
}

/** The client gets an error from the virtual address that quotes `quoted` bytes of the packet inside, by default all. */
function clientHears({ client, vip }: Lab, error: IcmpFields, about: Packet, quoted?: number): void {
  const inner = datagramOf(about).subarray(20, quoted === undefined ? undefined : 20 + quoted);
  client.receives(
    ip({
      source: vip,
      destination: client.address,
      ttl: 64,
      tos: 0xc0,
      df: false,
      totalLength: 28 + inner.length,
    }),
    icmp({ rest: 0, ...error }),
    ...templateOf(inner),
  );
}

const HOST_UNREACHABLE = { type: 3, code: 1 };
const tooLarge = (mtu: number): IcmpFields => ({ type: 3, code: 4, rest: mtu });

/** Of a packet larger than 548 bytes an error holds no more (RFC 1812 §4.3.2.3). */
const MOST_QUOTED = 548;

export const cases: readonly Case[] = [
  {
    id: 'icmp/tunnel-error-exact',
    title: 'An error about the tunnel is made anew, from the virtual address, about the packet inside as it was sent',
    requirement:
      'The client gets an error of the same type and code from the virtual address that quotes the packet inside with its TTL as it went into the tunnel.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'icmp.c:__icmp_send', 'ipvs-cases F19, F22'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow(METHOD);
      await flow.establish();
      const about = await flow.clientSends('AP', { payload: 'GET /', ip: { tos: 0x0b } });
      for (const error of [HOST_UNREACHABLE, { type: 3, code: 3 }, { type: 4, code: 0 }, { type: 11, code: 0 }]) {
        await routerReports(lab, error, about);
        const inner = datagramOf(about).subarray(20);
        lab.client.receives(
          ip({ source: lab.vip, tos: 0xca, ttl: 64, totalLength: 28 + inner.length }),
          icmp({ rest: 0, ...error }),
          ip({ ttl: 63, tos: 0x0b }),
          tcp(),
        );
      }
    },
  },
  {
    id: 'icmp/tunnel-error-short-quote',
    title: 'An error that quotes too little of the tunnel packet tells nobody',
    requirement:
      'The quote must hold the outer header, the inner header and the ports behind it. The 28 bytes that RFC 792 asks for do not: the client hears nothing. Of 48 bytes he hears, with 28 of them.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'RFC 2003 §4', 'ipvs-cases F20, F21'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow(METHOD);
      const about = await flow.clientSends('S');
      for (const length of [28, 40]) {
        await routerReports(lab, HOST_UNREACHABLE, about, length);
        lab.nothingElse();
      }
      await routerReports(lab, HOST_UNREACHABLE, about, 48);
      clientHears(lab, HOST_UNREACHABLE, about, 28);
    },
  },
  {
    id: 'icmp/tunnel-parameter-problem',
    title: 'A redirect or parameter problem about the tunnel stays with the director',
    requirement: 'Only unreachable, source quench and time exceeded about a tunnel packet are sent on to the client.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'RFC 2003 §4.3, §4.5', 'ipvs-cases F22'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow(METHOD);
      const about = await flow.clientSends('S');
      await routerReports(lab, { type: 12, code: 0 }, about);
      await routerReports(lab, { type: 5, code: 1, rest: 0xc0a801fe }, about);
      lab.nothingElse();
      await routerReports(lab, HOST_UNREACHABLE, about);
      clientHears(lab, HOST_UNREACHABLE, about);
    },
  },
  {
    id: 'icmp/tunnel-error-strange',
    title: 'An error about a tunnel that is none of ours, or damaged, tells nobody',
    requirement:
      'The quoted outer packet must go to a real server of VS/TUN, the quoted inner one must be of a connection, and the checksum must be right.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F28'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, router, vip } = lab;
      const flow = lab.flow(METHOD);
      const about = await flow.clientSends('S');
      await routerReports(lab, { ...HOST_UNREACHABLE, checksum: 0x1234 }, about);
      const destination = director.server.address;
      const inner = { source: client.address, destination: vip };
      const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' };
      for (const [server, port] of [
        ['192.168.1.77', 40001],
        [flow.server.address, 40002],
      ] as const) {
        await router.sends(
          ip({ destination }),
          icmp(HOST_UNREACHABLE),
          ip({ source: destination, destination: server, id: 0 }),
          ip(inner),
          tcp({ ...syn, sourcePort: port }),
        );
      }
      lab.nothingElse();
      await router.sends(
        ip({ destination }),
        icmp(HOST_UNREACHABLE),
        ip({ source: destination, destination: flow.server.address, id: 0 }),
        ip(inner),
        tcp(syn),
      );
      client.receives(ip({ source: vip }), icmp(HOST_UNREACHABLE), ip(inner), tcp(syn));
    },
  },
  {
    id: 'icmp/tunnel-path-mtu-late',
    title: 'The path MTU of a tunnel shows in the second error, after another packet',
    requirement:
      'The first error names the MTU of the route as the last packet used it; once another packet was sent, the next error names the MTU that was reported.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F23, F25'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp', 'mtu'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow(METHOD);
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(1440) });
      for (let times = 0; times < 2; times++) {
        await routerReports(lab, tooLarge(1400), about);
        clientHears(lab, tooLarge(1480), about, MOST_QUOTED);
      }
      await flow.clientSends('A');
      await routerReports(lab, tooLarge(1400), about);
      clientHears(lab, tooLarge(1380), about, MOST_QUOTED);
    },
  },
  {
    id: 'icmp/tunnel-path-mtu-smallest',
    title: 'A path MTU below 552 is not believed',
    requirement: 'A reported MTU of 60 counts as 552, so that the client hears of 532.',
    source: ['route.c:ip_rt_min_pmtu', 'ipvs-cases F26'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp', 'mtu'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow(METHOD);
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(600) });
      await routerReports(lab, tooLarge(60), about);
      clientHears(lab, tooLarge(1480), about, MOST_QUOTED);
      await flow.clientSends('A', { payload: 'm'.repeat(492) });
      await routerReports(lab, tooLarge(60), about);
      clientHears(lab, tooLarge(532), about, MOST_QUOTED);
    },
  },
  {
    id: 'icmp/tunnel-path-mtu-without-df',
    title: 'Who allows fragmentation hears nothing of the path MTU; his packets are cut to it',
    requirement:
      'Fragmentation needed about a packet without DF is not for the client. The tunnel packets that carry his next ones are fragmented to the reported MTU.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F27'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp', 'mtu', 'fragment'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(METHOD);
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(1440), ip: { df: false } });
      await routerReports(lab, tooLarge(1400), about);
      lab.nothingElse();
      await client.sends(
        ip({ destination: vip, df: false }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 2441, acknowledgement: 5001, flags: 'A' }),
        { kind: 'payload', data: '6d'.repeat(1440) },
      );
      const outer = { destination: flow.server.address, protocol: 4, df: false };
      flow.server.receives(ip({ ...outer, mf: true, offset: 0, totalLength: 1396 }));
      flow.server.receives(ip({ ...outer, mf: false, offset: 1376, totalLength: 20 + 1480 - 1376 }));
    },
  },
];
