import type { Case } from '../../harness/case.ts';
import { Requests, service, weigh } from '../scheduling/requests.ts';
import { latestEnd } from '../timeouts/lifetime.ts';
import { serverOf } from './clients.ts';

const METHODS = [
  { method: 'nat', option: '-m', name: 'VS/NAT' },
  { method: 'tunnel', option: '-i', name: 'VS/TUN' },
  { method: 'direct-route', option: '-g', name: 'VS/DR' },
] as const;

const common = { level: 'core', tags: ['persistence'], needs: [] } as const;
const persistent = service('rr -p 300', [1, 1, 1]);

/** What every user of persistence relies on (ipvsadm(8), `--persistent`). */
export const cases: readonly Case[] = [
  ...METHODS.map(({ method, option, name }): Case => ({
    ...common,
    id: `persistence/same-server-${method}`,
    title: `${name}: all connections of a client to a persistent service go to one server`,
    requirement:
      'Requests from a client are redirected to the same real server that was selected for the first request.',
    source: ['ipvsadm(8) --persistent', 'ipvs-cases G01'],
    rules: persistent.replaceAll('-m ', `${option} `),
    async script(lab) {
      const { client, otherClient } = lab;
      const [own, other] = [client, otherClient].map((each) => new Requests(lab, { client: each, method }));
      const first = [...((await own?.next(1)) ?? []), ...((await other?.next(1)) ?? [])];
      lab.equal('servers of the two clients', new Set(first).size, 2);
      lab.equal(
        'later connections',
        [await own?.next(3), await other?.next(2), await own?.next(1)],
        [[first[0], first[0], first[0]], [first[1], first[1]], [first[0]]],
      );
    },
  })),
  {
    ...common,
    id: 'persistence/udp',
    title: 'A persistent UDP service keeps a client on its server',
    requirement: 'Datagrams from other ports of the client go to the server that was selected for the first one.',
    source: ['ipvsadm(8) --persistent'],
    rules: service('rr -p 300', [1, 1, 1], '-u 10.0.0.100:53'),
    async script(lab) {
      const udp = { protocol: 'udp', virtualPort: 53, realPort: 80 } as const;
      const [first = 0] = await new Requests(lab, udp).next(1);
      const [other = 0] = await new Requests(lab, { ...udp, client: lab.otherClient }).next(1);
      lab.equal('whether two clients have two servers', first !== other, true);
      lab.equal('later ones', await new Requests(lab, { ...udp, port: 40002 }).next(3), [first, first, first]);
    },
  },
  {
    ...common,
    id: 'persistence/ends',
    title: 'A client that stays away for the time of persistence is scheduled anew',
    requirement:
      'The time of a persistent session is counted from the client’s last new connection: until then he keeps his server, after it he is a client like any other.',
    source: ['ipvsadm(8) --persistent', 'https://github.com/cloudnativelabs/kube-router/pull/882'],
    needs: ['clock'],
    rules: service('rr -p 120', [1, 1]),
    async script(lab) {
      const own = new Requests(lab);
      const other = new Requests(lab, { client: lab.otherClient });
      const [first = 0] = await own.next(1);
      const [second = 0] = await other.next(1);
      lab.equal('whether two clients have two servers', first !== second, true);
      for (const flow of [...own.flows, ...other.flows]) await flow.clientSends('R');
      await lab.wait(110);
      lab.equal('server of a client that is back in time', await own.next(1), [first]);
      await own.flows.at(-1)?.clientSends('R');
      await lab.wait(latestEnd(120) - 110);
      // Two servers in turn: the first one is next.
      lab.equal('server of a client that comes too late', await other.next(1), [first]);
      lab.equal('server of the client whose time began anew', await own.next(1), [first]);
      lab.equal('server of a new client', await serverOf(lab, { source: '10.9.1.1', sourcePort: 40009 }), second);
    },
  },
  {
    ...common,
    id: 'persistence/not-before-its-connections',
    title: 'A client keeps his server as long as he has a connection, however short the time of persistence',
    requirement: 'Persistence does not end while a connection that it covers lives.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire', 'https://github.com/kubernetes/kubernetes/issues/89358'],
    needs: ['clock'],
    rules: service('rr -p 10', [1, 1]),
    async script(lab) {
      const [first = 0, ...rest] = await new Requests(lab).next(1);
      const [second = 0] = await new Requests(lab, { client: lab.otherClient }).next(1);
      lab.equal('servers', [first !== second, rest], [true, []]);
      const flow = lab.flow({ port: 40010 });
      await flow.establish();
      await lab.wait(500);
      lab.equal('server of his next connection', await new Requests(lab, { port: 40002 }).next(1), [first]);
      await flow.clientSends('AP', { payload: 'still there' });
      await lab.wait(500);
      lab.equal('server of the next one', await new Requests(lab, { port: 40003 }).next(1), [first]);
    },
  },
  {
    ...common,
    id: 'persistence/network',
    title: 'With a netmask the clients of one network share a server',
    requirement:
      'The granularity with which clients are grouped is the netmask: clients of one network are taken for one.',
    source: ['ipvsadm(8) --netmask'],
    rules: service('rr -p 300 -M 255.255.255.0', [1, 1, 1]),
    async script(lab) {
      const from = (source: string) => serverOf(lab, { source, sourcePort: 40001 });
      const [first, second, third] = [await from('10.9.1.1'), await from('10.9.2.1'), await from('10.9.3.255')];
      lab.equal('servers of three networks', new Set([first, second, third]).size, 3);
      lab.equal(
        'servers of their neighbours',
        [await from('10.9.2.130'), await from('10.9.1.254'), await from('10.9.3.0')],
        [second, first, third],
      );
    },
  },
  {
    ...common,
    id: 'persistence/single-clients',
    title: 'Without a netmask every client is one of his own',
    requirement: 'The netmask is 255.255.255.255 unless stated: two addresses are two clients.',
    source: ['ipvsadm(8) --netmask'],
    rules: persistent,
    async script(lab) {
      const servers: number[] = [];
      for (const host of [1, 2, 3]) servers.push(await serverOf(lab, { source: `10.9.1.${host}`, sourcePort: 40001 }));
      lab.equal('servers of three neighbours', new Set(servers).size, 3);
    },
  },
  {
    ...common,
    id: 'persistence/server-removed',
    title: 'A client whose server is removed gets another, and keeps it',
    requirement:
      'No new connection goes to a server that is not of the service any more; persistence moves on to the new one.',
    source: ['ipvsadm(8) --delete-server', 'paper P6'],
    rules: service('rr -p 300', [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const [first = 0] = await requests.next(1);
      await lab.configure(`-d -t 10.0.0.100:80 -r 192.168.1.1${first}:80`);
      const other = 3 - first;
      lab.equal('server after the removal', await requests.next(2), [other, other]);
      await lab.configure(`-a -t 10.0.0.100:80 -r 192.168.1.1${first}:80 -m -w 1`);
      lab.equal('server after the return', await requests.next(3), [other, other, other]);
    },
  },
  {
    ...common,
    id: 'persistence/begins-with-an-edit',
    title: 'A service that becomes persistent leaves its connections where they are',
    requirement:
      'Connections of before go on with their servers; the client’s next one chooses the server that he keeps.',
    source: ['ipvsadm(8) --edit-service', 'ipvs-cases G17'],
    needs: ['persistence'],
    rules: service('rr', [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers in turn', new Set(await requests.next(2)).size, 2);
      await lab.configure('-E -t 10.0.0.100:80 -s rr -p 300');
      const [kept = 0] = await requests.next(1);
      lab.equal('servers of his connections after that', await requests.next(3), [kept, kept, kept]);
      for (const flow of requests.flows) await flow.clientSends('A');
      await lab.configure('-E -t 10.0.0.100:80 -s rr');
      lab.equal('servers once it is not persistent any more', new Set(await requests.next(2)).size, 2);
    },
  },
  {
    ...common,
    id: 'persistence/quiesced-server-left',
    title: 'Without weight, and with expire_quiescent_template, a server loses its persistent clients',
    requirement:
      'A server of weight 0 gets no new connection at all where quiescent templates expire: a client of it is scheduled anew.',
    source: [
      'Documentation/networking/ipvs-sysctl.rst expire_quiescent_template',
      'https://github.com/kubernetes/kubernetes/issues/71809',
      'ipvs-cases G04',
    ],
    needs: ['sysctl'],
    rules: service('rr -p 300', [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const [first = 0] = await requests.next(1);
      await lab.sysctl('vs.expire_quiescent_template', '1');
      lab.equal('server while it has weight', await requests.next(1), [first]);
      await lab.configure(weigh(first, 0));
      const other = 3 - first;
      lab.equal('server once it has none', await requests.next(1), [other]);
      await lab.configure(weigh(first, 1));
      lab.equal('server once it has some again', await requests.next(2), [other, other]);
      for (const flow of requests.flows) await flow.clientSends('A');
    },
  },
];
