import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { ip6, tcp, udp } from '../../harness/layers.ts';
import { brief, templates } from '../persistence/clients.ts';
import { common, VIP } from './services.ts';

const rulesOf = (options: string, service = `-t ${VIP}:80`, count = 3) =>
  ['11', '12', '13', '14']
    .slice(0, count)
    .reduce(
      (rules, host) => `${rules}\n-a ${service} -r [2001:db8:0:2::${host}]:80 -m -w 1`,
      `-A ${service} -s ${options}`,
    );

/** The number of the server that a connection from this address gets. */
async function serverOf(lab: Lab, source: string, sourcePort: number): Promise<number> {
  await lab.client.sends(ip6({ source, destination: lab.vip6 }), tcp({ sourcePort, destinationPort: 80, flags: 'S' }));
  return lab.servers.indexOf(lab.oneOf(lab.servers, [ip6({ source }), tcp({ sourcePort })]).host) + 1;
}

/** The numbers of the servers that datagrams of one port get. */
async function serversOfDatagrams(lab: Lab, count: number): Promise<readonly number[]> {
  const { client, servers, vip6 } = lab;
  const chosen: number[] = [];
  for (let number = 0; number < count; number++) {
    const flow = lab.flow({ protocol: 'udp', virtualAddress: vip6, port: 40001 });
    await flow.clientSends('', { payload: `from ${client.name}` });
    chosen.push(servers.indexOf(flow.server) + 1);
  }
  return chosen;
}

const ipvs = { ...common, level: 'ipvs' } as const;

/** Addresses of one /64, of one /48 beyond it, and of another network. */
const CLIENTS = ['2001:db8:7:1::5', '2001:db8:7:1:ffff:ffff:ffff:ffff', '2001:db8:7:2::5', '2001:db8:8:1::5'] as const;

export const cases: readonly Case[] = [
  {
    ...ipvs,
    id: 'ipv6/template-of-network',
    title: 'The template of an IPv6 network has the client’s address cut to the prefix, and no port',
    requirement:
      'With -M 64 the first four groups say who the client is; the template has the rest zero, and his connections the whole address.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ipvsadm(8) --netmask', 'ipvs-cases G01'],
    needs: ['persistence', 'connections'],
    rules: rulesOf('rr -p 300 -M 64'),
    async script(lab) {
      const chosen: number[] = [];
      for (const [index, source] of CLIENTS.entries()) chosen.push(await serverOf(lab, source, 40001 + index));
      lab.equal('servers', chosen, [3, 3, 2, 1]);
      const row = (client: string, server: number) => `TCP ${client} ${VIP}:80 [2001:db8:0:2::1${server}]:80 NONE`;
      lab.equal('templates', (await templates(lab)).map(brief).sort(), [
        row('[2001:db8:7:1::]:0', 3),
        row('[2001:db8:7:2::]:0', 2),
        row('[2001:db8:8:1::]:0', 1),
      ]);
      lab.equal('records', (await lab.connections()).length, 7);
    },
  },
  ...(
    [
      { length: 48, chosen: [3, 3, 3, 2] },
      { length: 128, chosen: [3, 2, 1, 3] },
      { length: 1, chosen: [3, 3, 3, 3] },
    ] as const
  ).map(({ length, chosen }): Case => ({
    ...ipvs,
    id: `ipv6/prefix-${length}`,
    title: `Persistence with -M ${length} takes those for one client who have ${length} bits in common`,
    requirement: 'Any prefix length from 1 to 128 may be given, also one that no group of the address ends with.',
    source: ['net/ipv6.h:ipv6_addr_prefix', 'ip_vs_ctl.c:ip_vs_add_service'],
    needs: ['persistence'],
    rules: rulesOf(`rr -p 300 -M ${length}`),
    async script(lab) {
      const found: number[] = [];
      for (const [index, source] of CLIENTS.entries()) found.push(await serverOf(lab, source, 40001 + index));
      lab.equal<readonly number[]>('servers', found, chosen);
    },
  })),
  {
    ...ipvs,
    id: 'ipv6/prefix-refused',
    title: 'A prefix length of 0 or beyond 128 is none',
    requirement: 'The kernel takes lengths from 1 to 128 for services of IPv6.',
    source: ['ip_vs_ctl.c:ip_vs_add_service, ip_vs_edit_service'],
    needs: ['persistence', 'services'],
    rules: rulesOf('rr -p 300 -M 64'),
    async script(lab) {
      for (const length of [0, 129]) {
        await lab.refuses(`-E -t ${VIP}:80 -s rr -p 300 -M ${length}`);
        await lab.refuses(`-A -t ${VIP}:81 -s rr -p 300 -M ${length}`);
      }
      const listed = (await lab.servicesText()).split('\n');
      lab.equal('services', listed.filter((line) => line.startsWith('TCP')).length, 1);
    },
  },
  {
    ...ipvs,
    id: 'ipv6/prefix-listed',
    title: 'The list of services prints the prefix length as if it were a mask, its bytes turned round',
    requirement: 'Length 64 stands in the first of the four bytes: 40000000.',
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show'],
    needs: ['persistence', 'services'],
    rules: `${rulesOf('rr -p 300 -M 64', undefined, 0)}
      ${rulesOf('rr -p 300', `-u ${VIP}:53`, 0)}`,
    async script(lab) {
      const masks = (await lab.servicesText())
        .split('\n')
        .flatMap((line) => (/^(TCP|UDP) .* persistent \d+ (\w+)$/.exec(line.trimEnd()) ?? []).slice(1).join(' ') || []);
      lab.equal('masks', masks.sort(), ['TCP 40000000', 'UDP 80000000']);
    },
  },
  {
    ...common,
    id: 'ipv6/one-packet',
    title: 'One-packet scheduling over IPv6: every datagram is scheduled, those of one port too',
    requirement:
      'The director schedules each datagram by itself: of three servers in turn each gets one of three datagrams from the same port.',
    source: ['ipvsadm(8) --ops', 'ipvs-cases G12'],
    rules: rulesOf('rr -o', `-u ${VIP}:80`),
    async script(lab) {
      const [first, second, third, ...later] = await serversOfDatagrams(lab, 6);
      lab.equal('servers of three datagrams', new Set([first, second, third]).size, 3);
      lab.equal('servers of the next three', later, [first, second, third]);
    },
  },
  {
    ...ipvs,
    id: 'ipv6/one-packet-no-record',
    title: 'Datagrams over IPv6 leave no record behind, and replies leave with the server’s own address',
    requirement: 'Connections of one packet are not in the table, so nothing is known of the reply.',
    source: ['ip_vs_conn.c:ip_vs_conn_hash', 'ip_vs_core.c:ip_vs_out_hook', 'ipvs-cases G12, G13'],
    needs: ['connections'],
    rules: rulesOf('rr -o', `-u ${VIP}:80`),
    async script(lab) {
      const { client, servers } = lab;
      lab.equal('servers', await serversOfDatagrams(lab, 4), [3, 2, 1, 3]);
      lab.equal('records', await lab.connections(), []);
      const [server] = servers;
      const answer = udp({ sourcePort: 80, destinationPort: 40001 });
      await server.sends(ip6({ destination: client.address6 }), answer);
      client.receives(ip6({ source: server.address6, hopLimit: 63 }), answer);
    },
  },
  {
    ...ipvs,
    id: 'ipv6/sh-slots',
    title: 'Source hashing: the four words of an address folded into one have slots 2, 160, 175 and 124',
    requirement:
      'The exclusive or of the words is hashed as an IPv4 address is; the slots hold the servers from the head of the list.',
    source: ['ip_vs_sh.c:ip_vs_sh_hashkey', 'include/linux/hash.h:hash_32', 'ipvs-cases D22, J09'],
    rules: rulesOf('sh', undefined, 4),
    async script(lab) {
      const chosen: number[] = [];
      for (const [index, source] of [
        '2001:db8:0:1::2',
        '2001:db8:0:1::3',
        '2001:db8:0:1:a:b:c:d',
        '2001:db8:0:1:ffff::9',
      ].entries()) {
        chosen.push(await serverOf(lab, source, 40001 + index));
      }
      // Modulo 4: 2, 0, 3 and 0, of the list 4, 3, 2, 1.
      lab.equal('servers', chosen, [2, 4, 1, 4]);
    },
  },
  {
    ...ipvs,
    id: 'ipv6/dh-slots',
    title: 'Destination hashing: 2001:db8:0:1::100 has slot 118',
    requirement: 'The exclusive or of the four words of the destination is hashed.',
    source: ['ip_vs_dh.c:ip_vs_dh_hashkey', 'include/linux/hash.h:hash_32', 'ipvs-cases D27, J09'],
    rules: rulesOf('dh'),
    async script(lab) {
      // Modulo 3: 1, of the list 3, 2, 1; once another is there modulo 4: 2, of the list 4, 3, 2, 1.
      lab.equal('server of three', await serverOf(lab, CLIENTS[0], 40001), 2);
      lab.equal('server of another client', await serverOf(lab, CLIENTS[3], 40002), 2);
      await lab.configure(
        `-a -t ${VIP}:80 -r [2001:db8:0:2::14]:80 -m -w 1`,
        `-d -t ${VIP}:80 -r [2001:db8:0:2::11]:80`,
        `-d -t ${VIP}:80 -r [2001:db8:0:2::13]:80`,
      );
      // Modulo 2: 0, of the list 4, 2.
      lab.equal('server of two', await serverOf(lab, CLIENTS[0], 40003), 4);
    },
  },
];
