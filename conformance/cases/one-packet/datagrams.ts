import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, udp } from '../../harness/layers.ts';
import { service } from '../scheduling/requests.ts';
import { brief } from '../persistence/clients.ts';

const METHODS = [
  { method: 'nat', option: '-m', name: 'VS/NAT' },
  { method: 'tunnel', option: '-i', name: 'VS/TUN' },
  { method: 'direct-route', option: '-g', name: 'VS/DR' },
] as const;

const common = { tags: ['one-packet', 'udp'], needs: [] } as const;
const onePacket = service('rr -o', [1, 1, 1], '-u 10.0.0.100:80');

/** Sends datagrams from one port, each in a flow of its own as the director shall see it; the numbers of their servers. */
async function servers(lab: Lab, count: number, method: 'nat' | 'tunnel' | 'direct-route' = 'nat'): Promise<number[]> {
  const chosen: number[] = [];
  for (let number = 0; number < count; number++) {
    const flow = lab.flow({ protocol: 'udp', method });
    await flow.clientSends();
    chosen.push(lab.servers.indexOf(flow.server) + 1);
  }
  return chosen;
}

export const cases: readonly Case[] = [
  ...METHODS.map(({ method, option, name }): Case => ({
    ...common,
    id: `one-packet/each-scheduled-${method}`,
    title: `${name}: with one-packet scheduling every datagram is scheduled, those of one port too`,
    requirement:
      'One-packet scheduling makes the director schedule each datagram by itself: of three servers in turn each gets one of three datagrams from the same port.',
    source: ['ipvsadm(8) --ops', 'https://github.com/kubernetes/kubernetes/issues/110814', 'ipvs-cases G12'],
    level: 'core',
    rules: onePacket.replaceAll('-m ', `${option} `),
    async script(lab) {
      const [first, second, third, ...later] = await servers(lab, 6, method);
      lab.equal('servers of three datagrams', new Set([first, second, third]).size, 3);
      lab.equal('servers of the next three', later, [first, second, third]);
    },
  })),
  {
    ...common,
    id: 'one-packet/no-record',
    title: 'Datagrams leave no record and no count behind',
    requirement: 'Connections of one packet are not in the table, and are not counted once the packet is gone.',
    source: ['ip_vs_conn.c:ip_vs_conn_hash', 'ip_vs_conn.c:ip_vs_conn_put', 'ipvs-cases G12'],
    level: 'ipvs',
    needs: ['connections', 'services'],
    rules: onePacket,
    async script(lab) {
      lab.equal('servers', await servers(lab, 4), [3, 2, 1, 3]);
      lab.equal('records', await lab.connections(), []);
      const [row] = await lab.services();
      lab.equal('flags', row?.flags, 'ops');
      lab.equal(
        'connections of the servers',
        row?.servers.map(({ active, inactive }) => active + inactive),
        [0, 0, 0],
      );
    },
  },
  {
    ...common,
    id: 'one-packet/reply-untranslated',
    title: 'VS/NAT: replies leave with the server’s own address',
    requirement: 'Nothing is remembered of a datagram, so the reply to it is routed as it is.',
    source: ['ip_vs_core.c:ip_vs_out_hook', 'ipvs-cases G13'],
    level: 'ipvs',
    rules: onePacket,
    async script(lab) {
      const [number = 1] = await servers(lab, 1);
      const server = lab.servers[number - 1] ?? lab.servers[0];
      await server.sends(ip({ destination: lab.client.address }), udp({ sourcePort: 80, destinationPort: 40001 }));
      lab.client.receives(ip({ source: server.address, ttl: 63 }), udp({ sourcePort: 80, destinationPort: 40001 }));
    },
  },
  {
    ...common,
    id: 'one-packet/statistics',
    title: 'Each datagram is a connection in the statistics, and nothing that follows from it is found to be its reply',
    requirement:
      'Three datagrams are three connections. The director’s own error about the last one is no packet of it, other than of a connection that is remembered.',
    source: ['ip_vs_core.c:ip_vs_conn_stats', 'ip_vs_conn.c:ip_vs_conn_hash', 'ipvs-cases G12, E46'],
    level: 'ipvs',
    needs: ['statistics'],
    rules: service('rr -o', [1], '-u 10.0.0.100:80').replace('-m', '-g'),
    async script(lab) {
      await servers(lab, 2, 'direct-route');
      await lab.client.sends(ip({ destination: lab.vip, ttl: 1 }), udp({ sourcePort: 40001, destinationPort: 80 }));
      lab.client.receives(ip({ source: lab.vip }), icmp({ type: 11 }));
      await lab.wait(3);
      const [connections, inPackets, outPackets] =
        (await lab.statisticsText()).split('\n')[2]?.trim().split(/ +/) ?? [];
      lab.equal('connections, packets in and out', [connections, inPackets, outPackets], ['3', '3', '0']);
    },
  },
  {
    ...common,
    id: 'one-packet/thresholds',
    title: 'A datagram fills no server',
    requirement:
      'The connection of one packet is over with it: a server with an upper threshold of 1 takes one after the other.',
    source: ['ip_vs_conn.c:ip_vs_conn_put'],
    level: 'ipvs',
    rules: '-A -u 10.0.0.100:80 -s rr -o\n-a -u 10.0.0.100:80 -r 192.168.1.11:80 -m -x 1',
    async script(lab) {
      lab.equal('servers', await servers(lab, 5), [1, 1, 1, 1, 1]);
    },
  },
  {
    ...common,
    id: 'one-packet/persistent',
    title: 'With persistence a client’s datagrams go to one server, and the template alone is remembered',
    requirement:
      'Each datagram is scheduled by the template; that is renewed and outlives them, as it has no connection that hangs on it.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ipvs-cases G14'],
    level: 'ipvs',
    needs: ['connections', 'services'],
    rules: service('rr -o -p 300', [1, 1, 1], '-u 10.0.0.100:80'),
    async script(lab) {
      lab.equal('servers', await servers(lab, 4), [3, 3, 3, 3]);
      lab.equal('records', (await lab.connections()).map(brief), ['UDP 10.0.0.2:0 10.0.0.100:80 192.168.1.13:80 NONE']);
      const [row] = await lab.services();
      lab.equal('flags', /^ops +persistent \d+ FFFFFFFF$/.test(row?.flags ?? ''), true);
    },
  },
  {
    ...common,
    id: 'one-packet/edited',
    title: 'A service that gets one-packet scheduling keeps the connections it has',
    requirement:
      'Datagrams of a connection of before find it; those of other ports are scheduled one by one, and the other way round.',
    source: ['ip_vs_ctl.c:ip_vs_edit_service'],
    level: 'ipvs',
    needs: ['connections', 'one-packet'],
    rules: service('rr', [1, 1, 1], '-u 10.0.0.100:80'),
    async script(lab) {
      const old = lab.flow({ protocol: 'udp', port: 40002 });
      await old.clientSends();
      await lab.configure('-E -u 10.0.0.100:80 -s rr -o');
      lab.equal('servers of datagrams', await servers(lab, 3), [2, 1, 3]);
      await old.clientSends();
      await old.serverSends();
      lab.equal('records', (await lab.connections()).length, 1);
      await lab.configure('-E -u 10.0.0.100:80 -s rr');
      const flow = lab.flow({ protocol: 'udp' });
      await flow.clientSends();
      await flow.clientSends();
      await flow.serverSends();
    },
  },
  {
    ...common,
    id: 'one-packet/unserved',
    title: 'Without a server each datagram is refused',
    requirement: 'Each datagram that nobody can serve gets an ICMP error.',
    source: ['ip_vs_core.c:ip_vs_leave'],
    level: 'ipvs',
    rules: '-A -u 10.0.0.100:80 -s rr -o',
    async script(lab) {
      for (const text of ['one', 'two']) {
        await lab.client.sends(
          ip({ destination: lab.vip }),
          udp({ sourcePort: 40001, destinationPort: 80 }),
          payload(text),
        );
        lab.client.receives(ip({ source: lab.vip }), icmp({ type: 3, code: 3 }));
      }
    },
  },
  {
    ...common,
    id: 'one-packet/from-error',
    title: 'schedule_icmp: an error makes a connection for itself alone',
    requirement:
      'An error about a datagram of a one-packet service is scheduled and forwarded, and leaves nothing behind.',
    source: ['ip_vs_core.c:ip_vs_in_icmp'],
    level: 'ipvs',
    needs: ['connections', 'services', 'sysctl'],
    rules: onePacket,
    async script(lab) {
      await lab.sysctl('vs.schedule_icmp', '1');
      for (const number of [3, 2]) {
        const server = lab.servers[number - 1] ?? lab.servers[0];
        await lab.client.sends(
          ip({ destination: lab.vip }),
          icmp({ type: 3, code: 3 }),
          ip({ source: lab.vip, destination: lab.client.address }),
          udp({ sourcePort: 80, destinationPort: 40001 }),
        );
        server.receives(ip({ source: lab.client.address }), icmp({ type: 3, code: 3 }), ip({ source: server.address }));
      }
      lab.equal('records', await lab.connections(), []);
      lab.equal(
        'connections of the servers',
        (await lab.services())[0]?.servers.map(({ active, inactive }) => active + inactive),
        [0, 0, 0],
      );
    },
  },
  {
    ...common,
    id: 'one-packet/for-udp-only',
    title: 'One-packet scheduling of TCP is refused',
    requirement: 'ipvsadm: One-Packet Scheduling is only for UDP virtual services.',
    source: ['ipvsadm(8) --ops', 'ipvs-cases G15'],
    level: 'ipvs',
    needs: ['services', 'one-packet'],
    rules: '-A -t 10.0.0.100:81 -s rr',
    async script(lab) {
      await lab.refuses('-A -t 10.0.0.100:80 -s rr -o');
      await lab.refuses('-E -t 10.0.0.100:81 -s rr -o');
      lab.equal(
        'services',
        (await lab.services()).map(({ address, flags }) => [address, flags]),
        [['10.0.0.100:81', '']],
      );
    },
  },
];
