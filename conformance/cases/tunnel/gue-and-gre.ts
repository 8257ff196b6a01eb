import type { Case } from '../../harness/case.ts';
import type { Packet } from '../../harness/lab.ts';
import { gre, gue, icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { fragmentsOf } from '../fragments/fragments-of.ts';
import { ENCAPSULATIONS, rulesOfTunnel } from './encapsulations.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };
const method = 'tunnel';
/** IP and TCP header of a packet without options. */
const HEADERS = 40;
const LINK = 1500;

/** The source port of the UDP datagram around a packet. */
function tunnelPort({ layers }: Packet): number {
  const outer = layers.find(({ layer }) => layer.kind === 'udp')?.layer;
  return outer?.kind === 'udp' ? (outer.sourcePort ?? 0) : 0;
}

export const cases: readonly Case[] = [
  ...ENCAPSULATIONS.flatMap(({ name, title, options, tunnel, overhead, source }): readonly Case[] => [
    {
      id: `tunnel/${name}-connection`,
      title: `${title}: the requests of a whole connection travel whole to the chosen server`,
      requirement:
        'The packet is wrapped whole: an IP header from the director to the server, the header of the tunnel, and the packet as it was. ' +
        'A checksum of the tunnel, where it has one, is right.',
      source: ['paper P22, P26', ...source],
      level: 'core',
      tags: ['tunnel', 'header', 'checksum'],
      needs: [],
      rules: rulesOfTunnel(options, [11, 12, 13, 14]),
      async script(lab) {
        const flows = [lab.flow({ method, tunnel }), lab.flow({ method, tunnel, client: lab.otherClient })];
        for (const flow of flows) await flow.establish();
        for (const flow of flows) {
          await flow.clientSends('AP', { payload: everyByte(701), tcp: { options: '0101080a0102030405060708' } });
          await flow.clientSends('A', { payload: everyByte(LINK - overhead - HEADERS) });
          await flow.clientSends('AF', { ip: { tos: 0xb8, df: false } });
        }
      },
    },
    {
      id: `tunnel/${name}-datagrams`,
      title: `${title}: datagrams of a UDP service travel whole, with the checksum that they came with`,
      requirement: 'UDP is wrapped as TCP is; a checksum of zero inside stays zero.',
      source: ['paper P12, P22', ...source],
      level: 'core',
      tags: ['tunnel', 'udp', 'checksum'],
      needs: [],
      rules: rulesOfTunnel(options, [11], '-u 10.0.0.100:80'),
      async script(lab) {
        const flow = lab.flow({ method, tunnel, protocol: 'udp' });
        for (const data of ['', 'odd', everyByte(1400)]) await flow.clientSends('', { payload: data });
        await flow.clientSends('', { payload: 'unsummed', udp: { checksum: 0 } });
      },
    },
    {
      id: `tunnel/${name}-choices`,
      title: `${title}: the outer header is made as that of IPIP`,
      requirement:
        'The outer header takes TTL (after the decrement), DSCP and DF of the inner one; a packet with DF has identification 0; congestion experienced becomes ECT(0).',
      source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit, ip_vs_prepare_tunneled_skb', ...source],
      level: 'ipvs',
      tags: ['tunnel', 'header', 'ttl', 'ecn'],
      needs: [],
      rules: rulesOfTunnel(options),
      async script({ client, director, servers: [server], vip }) {
        const outer = { source: director.server.address, totalLength: HEADERS + overhead };
        for (const [inside, outside] of [
          [0x03, 0x02],
          [0xb9, 0xb9],
        ] as const) {
          await client.sends(ip({ destination: vip, tos: inside, ttl: 33 }), tcp({ ...ports, flags: 'S' }));
          server.receives(ip({ ...outer, ttl: 32, tos: outside, id: 0, df: true }));
        }
        await client.sends(ip({ destination: vip, df: false }), tcp({ ...ports, flags: 'S' }));
        server.receives(ip({ ...outer, ttl: 63, df: false }));
      },
    },
    {
      id: `tunnel/${name}-mtu`,
      title: `${title}: what does not fit behind its headers is refused, and the client told what does`,
      requirement:
        'A packet with DF that would not fit the link behind the headers of the tunnel is answered by fragmentation needed with the MTU of the link less these headers; one of that size is forwarded.',
      source: ['RFC 1191 §4', 'RFC 2003 §5.1', 'ip_vs_xmit.c:__ip_vs_get_out_rt', 'ipvs-cases B11'],
      level: 'core',
      tags: ['tunnel', 'mtu', 'icmp'],
      needs: [],
      rules: rulesOfTunnel(options),
      async script(lab) {
        const { client, vip, director } = lab;
        const flow = lab.flow({ method, tunnel });
        await flow.establish();
        const mtu = LINK - overhead;
        for (const length of [mtu + 1, LINK]) {
          await client.sends(
            ip({ destination: vip, id: 0x4242 }),
            tcp({ ...ports, sequence: 5555, flags: 'A' }),
            payload(everyByte(length - HEADERS)),
          );
          client.receives(
            ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address }),
            icmp({ type: 3, code: 4, rest: mtu }),
            ip({ source: client.address, destination: vip, id: 0x4242, totalLength: length }),
            tcp({ ...ports, sequence: 5555 }),
          );
        }
        await flow.clientSends('A', { payload: everyByte(mtu - HEADERS) });
      },
    },
    {
      id: `tunnel/${name}-fragmented`,
      title: `${title}: of a packet that may be fragmented the outer one is, after it was wrapped`,
      requirement:
        'A packet without DF that does not fit behind the headers is wrapped whole, and the outer packet fragmented: checksums of the tunnel are those of the whole. ' +
        'So is, with pmtu_disc 0, a packet with DF.',
      source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit', 'ipvs-cases B08, B10'],
      level: 'ipvs',
      tags: ['tunnel', 'mtu', 'fragment', 'checksum'],
      needs: ['sysctl'],
      rules: rulesOfTunnel(options),
      async script(lab) {
        const { client, director, servers, vip } = lab;
        const [server] = servers;
        const outer = { source: director.server.address, df: false };
        for (const df of [false, true]) {
          if (df) await lab.sysctl('vs.pmtu_disc', '0');
          await client.sends(
            ip({ destination: vip, df }),
            tcp({ ...ports, flags: 'S' }),
            payload(everyByte(LINK - HEADERS)),
          );
          server.receives(ip({ ...outer, totalLength: LINK, mf: true, offset: 0 }));
          server.receives(ip({ ...outer, totalLength: 20 + overhead, mf: false, offset: 1480 }));
        }
      },
    },
    {
      id: `tunnel/${name}-from-fragments`,
      title: `${title}: a request that came in fragments is whole in the tunnel, whose packet has their sizes`,
      requirement:
        'The request is put together and wrapped; the outer packet is cut at the size of the largest fragment that came, even where it would fit the link.',
      source: ['ip_output.c:ip_do_fragment', 'ipvs-cases B16, B17'],
      level: 'ipvs',
      tags: ['tunnel', 'fragment', 'checksum'],
      needs: [],
      rules: rulesOfTunnel(options, [11], '-u 10.0.0.100:80'),
      async script({ client, servers: [server], vip }) {
        const ends = { source: client.address, destination: vip };
        const header = { ...ip(), ...ends, id: 0x4242, df: false, protocol: 17 };
        const datagram = [udp({ sourcePort: 5000, destinationPort: 80 }), payload(everyByte(1200))];
        for (const fragment of fragmentsOf(header, datagram, [800])) await client.sends(...fragment);
        server.receives(ip({ totalLength: 820, mf: true, offset: 0, df: false }));
        server.receives(ip({ totalLength: 1228 + overhead - 800, mf: false, offset: 800, df: false }));
      },
    },
  ]),
  {
    id: 'tunnel/gue-port',
    title: 'The tunnel is that of the port that the server was given',
    requirement:
      'The UDP datagram goes to the tunnel port of its server, whatever the others have; once the server is edited, to its new one.',
    source: ['draft-ietf-intarea-gue-09 §5', 'ip_vs_xmit.c:ipvs_gue_encap'],
    level: 'core',
    tags: ['tunnel'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 --tun-type gue --tun-port 6080
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-csum
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const found = new Set<string>();
      for (const sourcePort of [40001, 40002]) {
        await client.sends(ip({ destination: vip }), tcp({ ...ports, sourcePort, flags: 'S' }));
        const server = servers[0].hasPacket ? servers[0] : servers[1];
        server.receives(
          ip({ destination: server.address, protocol: 17 }),
          udp({ destinationPort: server === servers[0] ? 6080 : 65535, length: 52 }),
        );
        found.add(server.name);
      }
      lab.equal('servers in use', found.size, 2);
      await lab.configure(
        '-d -t 10.0.0.100:80 -r 192.168.1.12:80',
        '-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 --tun-type gue --tun-port 7777',
      );
      await client.sends(ip({ destination: vip }), tcp({ ...ports, sourcePort: 40003, flags: 'S' }));
      servers[0].receives(ip({ protocol: 17 }), udp({ destinationPort: 7777 }));
    },
  },
  {
    id: 'tunnel/gue-source-port',
    title: 'All packets of a flow have one source port in GUE, and flows have several',
    requirement:
      'The source port of the UDP datagram is taken from the flow inside, so that routers on several paths keep a flow on one of them: the same for all packets of a connection, not the same for all connections. It is a port that may be used for that.',
    source: [
      'draft-ietf-intarea-gue-09 §5.6.1',
      'RFC 7510 §3',
      'include/net/udp.h:udp_flow_src_port',
      'ipvs-cases A20',
    ],
    level: 'core',
    tags: ['tunnel', 'header'],
    needs: [],
    rules: rulesOfTunnel('--tun-type gue --tun-port 6080'),
    async script(lab) {
      const seen = new Set<number>();
      // That all hashes of sixteen flows agree is less likely than one in 2^60.
      for (let port = 40001; port <= 40016; port += 1) {
        const flow = lab.flow({ method, tunnel: 'gue', port });
        const first = tunnelPort(await flow.clientSends('S'));
        lab.within('source port', first, 32768, 65535);
        for (const flags of ['A', 'AP', 'AF']) {
          lab.equal(`source port with ${flags}`, tunnelPort(await flow.clientSends(flags, { payload: flags })), first);
        }
        seen.add(first);
      }
      lab.equal('flows have several source ports', seen.size > 1, true);
    },
  },
  {
    id: 'tunnel/gre-checksum-zero',
    title: 'A checksum of GRE that comes to zero is sent as all ones, before Linux 5.12 as zero',
    requirement:
      'Where the checksum of the GRE packet is computed as zero, ffff stands in the header, which is the same number; in older kernels zero.',
    source: ['net/core/dev.c:skb_checksum_help'],
    level: 'ipvs',
    tags: ['tunnel', 'checksum'],
    needs: [],
    rules: rulesOfTunnel('--tun-type gre --tun-csum', [11], '-u 10.0.0.100:80'),
    async script({ client, servers: [server], vip, profile }) {
      // The datagram's checksum is wrong, so that its last bytes move the sum of all.
      const datagram = udp({ sourcePort: 5000, destinationPort: 80, checksum: 0x1234 });
      const arrivesWith = async (last: number, header: Parameters<typeof gre>[0]) => {
        await client.sends(ip({ destination: vip }), datagram, payload(Uint8Array.of(last >> 8, last & 0xff)));
        return server.receives(ip({ protocol: 47 }), gre(header), ip({ destination: vip }), datagram);
      };
      const { layers } = await arrivesWith(0, { flags: 0x8000 });
      const header = layers.find(({ layer }) => layer.kind === 'gre')?.layer;
      const checksum = header?.kind === 'gre' ? (header.checksum ?? 0) : 0;
      await arrivesWith(checksum, { flags: 0x8000, checksum: profile.zeroGreChecksum });
      await arrivesWith(checksum - 1, { flags: 0x8000, checksum: 1 });
    },
  },
  {
    id: 'tunnel/gue-checksum-none',
    title: 'GUE has a checksum of UDP only where the server was given one',
    requirement:
      'Without --tun-csum and --tun-remcsum the checksum is zero, "none"; with either it is there. No option follows the header.',
    source: ['ip_vs_xmit.c:ipvs_gue_encap, ip_vs_tunnel_xmit', 'ipvs-cases A17, A18, A19'],
    level: 'ipvs',
    tags: ['tunnel', 'checksum'],
    needs: [],
    rules: rulesOfTunnel('--tun-type gue --tun-port 6080'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const sendsAndHas = async (isSummed: boolean) => {
        await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
        const { layers } = server.receives(ip(), udp(), gue({ headerLength: 4, flags: 0 }), ip({ destination: vip }));
        const header = layers.find(({ layer }) => layer.kind === 'udp')?.layer;
        lab.equal('has a checksum', header?.kind === 'udp' && header.checksum !== 0, isSummed);
      };
      await sendsAndHas(false);
      for (const option of ['--tun-csum', '--tun-remcsum']) {
        await lab.configure(`-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 --tun-type gue --tun-port 6080 ${option}`);
        await sendsAndHas(true);
      }
    },
  },
];
