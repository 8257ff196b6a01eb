import type { Case } from '../../harness/case.ts';
import type { FlowTunnel } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { gre, gue, icmp, ip, tcp, udp } from '../../harness/layers.ts';
import { datagramOf, quote, templateOf } from '../icmp/icmp-packets.ts';
import { rulesOfTunnel } from './encapsulations.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };
const method = 'tunnel';

/** What stands behind the outer IP header, by type. */
const HEADERS = {
  ipip: [],
  gue: [udp({ destinationPort: 6080, checksum: 0 }), gue()],
  gre: [gre({ flags: 0 })],
} as const;

/** The client sends on its connection; the packet comes in this type of tunnel. */
async function comesIn(lab: Lab, type: keyof typeof HEADERS): Promise<void> {
  const { client, servers, vip } = lab;
  await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'A' }));
  servers[0].receives(ip({ destination: servers[0].address }), ...HEADERS[type], ip({ destination: vip }), tcp(ports));
}

export const cases: readonly Case[] = [
  {
    id: 'tunnel/type-as-it-is-now',
    title: 'A connection goes into the tunnel that its server has now',
    requirement:
      'Type and checksum of the tunnel are those of the real server when the packet is sent: a server that is edited gets the packets of connections that exist in its new tunnel.',
    source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit'],
    level: 'ipvs',
    tags: ['tunnel', 'administration'],
    needs: ['tunnel.gue', 'tunnel.gre'],
    rules: rulesOfTunnel(''),
    async script(lab) {
      const { client, servers, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
      servers[0].receives(ip({ protocol: 4 }), ip(), tcp(ports));
      const edit = (options: string) => lab.configure(`-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 ${options}`);
      await comesIn(lab, 'ipip');
      await edit('--tun-type gre');
      await comesIn(lab, 'gre');
      await edit('--tun-type gue --tun-port 6080');
      await comesIn(lab, 'gue');
      await edit('--tun-type ipip');
      await comesIn(lab, 'ipip');
    },
  },
  {
    id: 'tunnel/type-with-the-method-kept',
    title: 'A connection of VS/TUN stays one though its server is edited to another method and back',
    requirement:
      'The forwarding method is fixed with the connection; the type of tunnel is not, and survives a change of method.',
    source: ['ip_vs_conn.c:ip_vs_bind_xmit', 'ip_vs_xmit.c:ip_vs_tunnel_xmit', 'ipvs-cases A45'],
    level: 'ipvs',
    tags: ['tunnel', 'administration'],
    needs: ['nat', 'tunnel.gre'],
    rules: rulesOfTunnel('--tun-type gre'),
    async script(lab) {
      const { client, servers, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
      servers[0].receives(ip({ protocol: 47 }), gre(), ip(), tcp(ports));
      // A server of VS/NAT has the type that is everybody's.
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1');
      await comesIn(lab, 'ipip');
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 --tun-type gre');
      await comesIn(lab, 'gre');
    },
  },
  {
    id: 'tunnel/types-side-by-side',
    title: 'The servers of one service may each have another type of tunnel',
    requirement: "Each connection goes into its own server's tunnel.",
    source: ['paper P23', 'ip_vs_xmit.c:ip_vs_tunnel_xmit'],
    level: 'core',
    tags: ['tunnel', 'connection'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -i -w 1 --tun-type gue --tun-port 6080
      -a -t 10.0.0.100:80 -r 192.168.1.13:80 -i -w 1 --tun-type gre
      -a -t 10.0.0.100:80 -r 192.168.1.14:80 -i -w 1 --tun-type gre --tun-csum
    `,
    async script(lab) {
      const types = ['ipip', 'gue', 'gre', 'gre with checksum'] as const satisfies readonly FlowTunnel[];
      const { client, servers, vip } = lab;
      const found = new Set<string>();
      for (const sourcePort of [40001, 40002, 40003, 40004]) {
        await client.sends(ip({ destination: vip }), tcp({ ...ports, sourcePort, flags: 'S' }));
        const index = servers.findIndex(({ hasPacket }) => hasPacket);
        const tunnel = types[index] ?? 'ipip';
        servers[index]?.receives(ip({ protocol: { ipip: 4, gue: 17, gre: 47, 'gre with checksum': 47 }[tunnel] }));
        const flow = lab.flow({ method, tunnel, port: sourcePort, servers: servers.slice(index, index + 1) });
        await flow.clientSends('AP', { payload: tunnel });
        found.add(tunnel);
      }
      lab.equal('types in use', found.size, 4);
    },
  },
  {
    id: 'tunnel/type-of-errors',
    title: 'Errors about tunnels to one address are those of the type that came last',
    requirement:
      'Of several real servers with one address and no tunnel port, the one added or edited last says what a tunnel to it looks like; an error about another type tells nobody.',
    source: ['ip_vs_ctl.c:ip_vs_find_tunnel, ip_vs_rs_hash', 'ip_vs_core.c:ip_vs_in_icmp'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp', 'administration'],
    needs: ['tunnel.gre'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
    `,
    async script(lab) {
      const { client, director, router, servers, vip } = lab;
      const [server] = servers;
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
      const about = server.receives(ip({ protocol: 4 }), ip(), tcp(ports));
      const reports = () =>
        router.sends(ip({ destination: director.server.address }), icmp({ type: 3, code: 1 }), quote(about));
      const hears = () =>
        client.receives(ip({ source: vip }), icmp({ type: 3, code: 1 }), ...templateOf(datagramOf(about).subarray(20)));
      await reports();
      hears();
      await lab.configure('-A -t 10.0.0.100:81 -s rr', '-a -t 10.0.0.100:81 -r 192.168.1.11:81 -i -w 1 --tun-type gre');
      await reports();
      lab.nothingElse();
      // An edit that changes neither method nor type nor port leaves the order alone.
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 2');
      await reports();
      lab.nothingElse();
      await lab.configure('-d -t 10.0.0.100:81 -r 192.168.1.11:81');
      await reports();
      hears();
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1 --tun-type gre');
      await reports();
      lab.nothingElse();
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1');
      await reports();
      hears();
    },
  },
];
