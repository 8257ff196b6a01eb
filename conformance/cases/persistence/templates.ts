import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { Requests, service, weigh } from '../scheduling/requests.ts';
import { latestEnd } from '../timeouts/lifetime.ts';
import { brief, serverOf, templates } from './clients.ts';

const common = { level: 'ipvs', tags: ['persistence', 'templates'], needs: ['connections'] } as const;
const persistent = service('rr -p 300', [1, 1, 1]);

/** The virtual port of a template that gave way. */
const invalidPort = ({ profile }: Lab): number => (profile.invalidTemplatesKeepTheirPort ? 80 : 65535);

/** How kernel IPVS remembers a client: a record in the connection table that stands for his connections. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'persistence/template-record',
    title: 'A template is a record of the client without port, and is no connection to the server',
    requirement:
      'The first connection of a client makes a template with client port 0 and the time of persistence; each client has one, and the servers do not count them.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ip_vs_conn.c:ip_vs_bind_dest', 'ipvs-cases G01'],
    needs: ['connections', 'services'],
    rules: persistent,
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers of the client', await requests.next(3), [3, 3, 3]);
      lab.equal('servers of the other', await new Requests(lab, { client: lab.otherClient }).next(2), [2, 2]);
      const rows = await templates(lab);
      lab.equal('templates', rows.map(brief), [
        'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.13:80 NONE',
        'TCP 10.0.0.3:0 10.0.0.100:80 192.168.1.12:80 NONE',
      ]);
      for (const row of rows) lab.within('seconds left', row.expires, 298, 300);
      lab.equal('records', (await lab.connections()).length, 7);
      const [row] = await lab.services();
      lab.equal(
        'connections that the servers count',
        row?.servers.map(({ active, inactive }) => [active, inactive]),
        [
          [3, 0],
          [2, 0],
          [0, 0],
        ],
      );
    },
  },
  {
    ...common,
    id: 'persistence/template-of-network',
    title: 'The template names the network, by the netmask',
    requirement: 'The client’s address in the template is masked; his connections keep the whole of it.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    rules: service('rr -p 300 -M 255.255.0.0', [1, 1]),
    async script(lab) {
      await serverOf(lab, { source: '10.9.1.1', sourcePort: 40001 });
      await serverOf(lab, { source: '10.9.200.7', sourcePort: 40001 });
      lab.equal('records', (await lab.connections()).map(brief), [
        'TCP 10.9.0.0:0 10.0.0.100:80 192.168.1.12:80 NONE',
        'TCP 10.9.1.1:40001 10.0.0.100:80 192.168.1.12:80 SYN_RECV',
        'TCP 10.9.200.7:40001 10.0.0.100:80 192.168.1.12:80 SYN_RECV',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/real-port',
    title: 'Persistence goes with any port of the server',
    requirement: 'The template names the server’s port, and connections to the service’s port get there.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    rules:
      '-A -t 10.0.0.100:80 -s rr -p 300\n-a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m\n-a -t 10.0.0.100:80 -r 192.168.1.12:8081 -m',
    async script(lab) {
      lab.equal('servers', await new Requests(lab, { realPort: 8081 }).next(2), [2, 2]);
      lab.equal('templates', (await templates(lab)).map(brief), [
        'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.12:8081 NONE',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/services-apart',
    title: 'Two services of one address have a template each',
    requirement: 'A template is for the port of its service: what a client asks of another one is scheduled by itself.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    rules: `${persistent}\n${service('rr -p 200', [1, 1, 1], '-t 10.0.0.100:81')}`,
    async script(lab) {
      lab.equal('servers for port 80', await new Requests(lab).next(1), [3]);
      lab.equal('servers of the other client', await new Requests(lab, { client: lab.otherClient }).next(1), [2]);
      const other = { virtualPort: 81, realPort: 80 };
      lab.equal(
        'servers of the other client for port 81',
        await new Requests(lab, { ...other, client: lab.otherClient }).next(1),
        [3],
      );
      lab.equal('servers for port 81', await new Requests(lab, { ...other, port: 40010 }).next(2), [2, 2]);
      lab.equal('templates', (await templates(lab)).length, 4);
    },
  },
  {
    ...common,
    id: 'persistence/assured-tcp',
    title: 'A template is assured when a connection of it is established, and stays so',
    requirement:
      'The state of the template goes from NONE to ASSURED with the client’s ACK; a reset or a FIN does not touch it.',
    source: ['ip_vs_proto_tcp.c:set_tcp_state', 'ip_vs.h:ip_vs_control_assure_ct', 'ipvs-cases G02'],
    rules: persistent,
    async script(lab) {
      const state = async () => (await templates(lab)).map((row) => row.state);
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.serverSends('AS');
      lab.equal('state before the ACK', await state(), ['NONE']);
      await flow.clientSends('A');
      lab.equal('state after it', await state(), ['ASSURED']);
      await flow.clientSends('R');
      lab.equal('state after a reset', await state(), ['ASSURED']);
    },
  },
  {
    ...common,
    id: 'persistence/assured-half-seen',
    title: 'VS/DR: the client’s ACK assures the template',
    requirement: 'Where no reply is seen the half-connection’s ESTABLISHED is enough.',
    source: ['ip_vs_proto_tcp.c:set_tcp_state'],
    rules: persistent.replaceAll('-m ', '-g '),
    async script(lab) {
      const flow = lab.flow({ method: 'direct-route' });
      await flow.clientSends('S');
      lab.equal('state after the SYN', (await templates(lab))[0]?.state, 'NONE');
      await flow.clientSends('A');
      lab.equal('state after the ACK', (await templates(lab))[0]?.state, 'ASSURED');
    },
  },
  {
    ...common,
    id: 'persistence/assured-udp',
    title: 'A UDP template is assured by the first reply',
    requirement:
      'Datagrams of the client, however many, leave the template at NONE; one of the server makes it ASSURED.',
    source: ['ip_vs_proto_udp.c:udp_state_transition'],
    rules: service('rr -p 300', [1, 1], '-u 10.0.0.100:80'),
    async script(lab) {
      const flow = lab.flow({ protocol: 'udp' });
      await flow.clientSends();
      await flow.clientSends();
      lab.equal('state before a reply', (await templates(lab))[0]?.state, 'NONE');
      await flow.serverSends();
      lab.equal('state after it', (await templates(lab))[0]?.state, 'ASSURED');
    },
  },
  {
    ...common,
    id: 'persistence/renewed-by-connections',
    title: 'Only new connections renew a template, not the packets of those it has',
    requirement:
      'The template’s timer begins anew with each connection that is made by it; traffic on one leaves it alone.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    needs: ['connections', 'clock'],
    rules: persistent,
    async script(lab) {
      const left = async () => (await templates(lab))[0]?.expires ?? 0;
      const flow = lab.flow();
      await flow.establish();
      await lab.wait(100);
      await flow.clientSends('AP', { payload: 'data' });
      await flow.serverSends('A');
      lab.within('seconds left after traffic', await left(), 190, 200);
      await new Requests(lab, { port: 40002 }).next(1);
      lab.within('seconds left after a new connection', await left(), 298, 300);
    },
  },
  {
    ...common,
    id: 'persistence/busy-template',
    title: 'A template that is overdue lives on a minute at a time, and never longer again',
    requirement:
      'When its time is over while connections hang on it, its timeout is 60 seconds from then on, whatever was asked for: for new connections too. Without connections it ends.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire', 'https://github.com/kubernetes/kubernetes/issues/89358'],
    needs: ['connections', 'clock'],
    rules: service('rr -p 100', [1, 1]),
    async script(lab) {
      const left = async () => (await templates(lab))[0]?.expires;
      const flow = lab.flow();
      await flow.establish();
      await lab.wait(latestEnd(100));
      lab.within('seconds left past its time', (await left()) ?? 0, 40, 60);
      await new Requests(lab, { port: 40002 }).next(1);
      lab.within('seconds left after a new connection', (await left()) ?? 0, 58, 60);
      await flow.clientSends('R');
      // The half-open connection lives 60 seconds; the template at most a minute and some more.
      await lab.wait(latestEnd(60) + latestEnd(60));
      lab.equal('template without connections', await left(), undefined);
      lab.equal('connections', await lab.connections(), []);
    },
  },
  {
    ...common,
    id: 'persistence/edited-timeout',
    title: 'A template keeps the time it was made with',
    requirement: 'A service that is given another time of persistence gives it to new templates only.',
    source: ['ip_vs_core.c:ip_vs_sched_persist', 'ip_vs_ctl.c:ip_vs_edit_service'],
    rules: persistent,
    async script(lab) {
      await new Requests(lab).next(1);
      await lab.configure('-E -t 10.0.0.100:80 -s rr -p 600');
      await new Requests(lab, { port: 40002 }).next(1);
      await new Requests(lab, { client: lab.otherClient }).next(1);
      const [old, fresh] = await templates(lab);
      lab.within('seconds left of the old one', old?.expires ?? 0, 298, 300);
      lab.within('seconds left of the new one', fresh?.expires ?? 0, 598, 600);
    },
  },
  {
    ...common,
    id: 'persistence/weight-zero-kept',
    title: 'A server without weight keeps its persistent clients',
    requirement: 'Weight 0 keeps new clients away; a template leads his client there all the same.',
    source: ['ip_vs_conn.c:ip_vs_check_template', 'ipvs-cases G03'],
    needs: [],
    rules: persistent,
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('server', await requests.next(1), [3]);
      await lab.configure(weigh(3, 0));
      lab.equal('server of his next connections', await requests.next(2), [3, 3]);
      lab.equal('servers of new clients', await new Requests(lab, { client: lab.otherClient }).next(1), [2]);
    },
  },
  {
    ...common,
    id: 'persistence/full-server-kept',
    title: 'A full server keeps its persistent clients',
    requirement: 'Thresholds keep new clients away; a template leads his client there all the same.',
    source: ['ip_vs_core.c:ip_vs_sched_persist'],
    needs: [],
    rules: '-A -t 10.0.0.100:80 -s rr -p 300\n-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -x 2',
    async script(lab) {
      lab.equal('servers', await new Requests(lab).next(4), [1, 1, 1, 1]);
      await new Requests(lab, { port: 41000 }).next(1);
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m');
      lab.equal('servers of another client', await new Requests(lab, { client: lab.otherClient }).next(2), [2, 2]);
    },
  },
  {
    ...common,
    id: 'persistence/invalid-template',
    title: 'A template whose server may not be used any more shows ports FFFF, and runs out',
    requirement:
      'With expire_quiescent_template the template of a server of weight 0 is put out of the way when it is asked for: its port becomes 65535, in older kernels the service’s too, a new one takes its place, and its own time goes on.',
    source: ['ip_vs_conn.c:ip_vs_check_template', 'ipvs-cases G04'],
    needs: ['connections', 'sysctl', 'clock'],
    rules: persistent,
    async script(lab) {
      await lab.sysctl('vs.expire_quiescent_template', '1');
      const flow = lab.flow();
      await flow.establish();
      await lab.configure(weigh(3, 0));
      lab.equal('templates before the next connection', (await templates(lab)).map(brief), [
        'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.13:80 ASSURED',
      ]);
      await lab.wait(100);
      lab.equal('server', await new Requests(lab, { port: 40002 }).next(2), [2, 2]);
      const rows = await templates(lab);
      const old = `TCP 10.0.0.2:0 10.0.0.100:${invalidPort(lab)} 192.168.1.13:65535 ASSURED`;
      const anew = 'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.12:80 NONE';
      lab.equal('templates after it', rows.map(brief), [old, anew].sort());
      const left = rows.find((row) => brief(row) === old)?.expires ?? 0;
      lab.within('seconds left of the old one', left, 190, 200);
      await flow.clientSends('AP', { payload: 'its connections go on' });
    },
  },
  {
    ...common,
    id: 'persistence/removed-server-template',
    title: 'The template of a removed server gives way; if the server is back in time, it is as if nothing had been',
    requirement:
      'A template is looked at when a connection asks for it: while its server is removed it becomes invalid, once the server is there again it is used.',
    source: ['ip_vs_conn.c:ip_vs_check_template', 'ip_vs_ctl.c:ip_vs_trash_get_dest'],
    rules: persistent,
    async script(lab) {
      const requests = new Requests(lab);
      const other = new Requests(lab, { client: lab.otherClient });
      lab.equal('servers', [...(await requests.next(1)), ...(await other.next(1))], [3, 2]);
      for (const server of [2, 3]) await lab.configure(`-d -t 10.0.0.100:80 -r 192.168.1.1${server}:80`);
      lab.equal('server of the client that asks meanwhile', await requests.next(1), [1]);
      for (const server of [2, 3]) await lab.configure(`-a -t 10.0.0.100:80 -r 192.168.1.1${server}:80 -m`);
      lab.equal('server of the client that asks later', await other.next(1), [2]);
      lab.equal('server of the client that was moved', await requests.next(1), [1]);
      lab.equal('templates', (await templates(lab)).map(brief), [
        ...[
          'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.11:80 NONE',
          `TCP 10.0.0.2:0 10.0.0.100:${invalidPort(lab)} 192.168.1.13:65535 NONE`,
        ].sort(),
        'TCP 10.0.0.3:0 10.0.0.100:80 192.168.1.12:80 NONE',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/service-made-anew',
    title: 'Templates outlive their service',
    requirement: 'A service that is removed and made anew with the same servers finds its clients’ templates.',
    source: ['ip_vs_ctl.c:ip_vs_trash_get_dest', 'ip_vs_conn.c:ip_vs_ct_in_get'],
    needs: [],
    rules: persistent,
    async script(lab) {
      lab.equal('server', await new Requests(lab).next(1), [3]);
      lab.equal('server of the other', await new Requests(lab, { client: lab.otherClient }).next(1), [2]);
      await lab.configure('-C', ...persistent.split('\n'));
      lab.equal('server of the other', await new Requests(lab, { client: lab.otherClient, port: 40002 }).next(1), [2]);
      lab.equal('server', await new Requests(lab, { port: 40002 }).next(1), [3]);
    },
  },
  {
    ...common,
    id: 'persistence/not-scheduled-again',
    title: 'A SYN on a finished persistent connection goes to the same server',
    requirement: 'conn_reuse_mode does not concern connections that hang on a template.',
    source: ['ip_vs_core.c:is_new_conn_expected', 'ipvs-cases E25'],
    rules: persistent,
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.clientSends('AF');
      lab.equal('state', (await lab.connections()).at(-1)?.state, 'TIME_WAIT');
      await flow.clientSends('S');
      lab.equal('records', (await lab.connections()).map(brief), [
        'TCP 10.0.0.2:0 10.0.0.100:80 192.168.1.13:80 NONE',
        'TCP 10.0.0.2:40001 10.0.0.100:80 192.168.1.13:80 SYN_RECV',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/orphans-flushed',
    title: 'expire_nodest_conn: templates of a removed server go with its connections',
    requirement: 'A moment after the removal neither the server’s connections nor its templates are left.',
    source: ['ip_vs_conn.c:ip_vs_expire_nodest_conn_flush'],
    needs: ['connections', 'sysctl'],
    rules: persistent,
    async script(lab) {
      await lab.sysctl('vs.expire_nodest_conn', '1');
      await new Requests(lab).next(2);
      await new Requests(lab, { client: lab.otherClient }).next(1);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.13:80');
      await lab.wait(1);
      lab.equal('records', (await lab.connections()).map(brief), [
        'TCP 10.0.0.3:0 10.0.0.100:80 192.168.1.12:80 NONE',
        'TCP 10.0.0.3:40001 10.0.0.100:80 192.168.1.12:80 SYN_RECV',
      ]);
    },
  },
  {
    ...common,
    id: 'persistence/listed',
    title: 'A persistent service is listed with its time and netmask',
    requirement: 'Behind the scheduler stand the time, in ticks of the kernel, and the netmask.',
    source: ['ip_vs_ctl.c:ip_vs_info_seq_show', 'ipvs-cases G16'],
    needs: ['services'],
    rules:
      '-A -t 10.0.0.100:80 -s rr -p 300\n-A -t 10.0.0.100:81 -s rr -p 600 -M 255.255.255.0\n-A -t 10.0.0.100:82 -s rr',
    async script(lab) {
      const rows = [...(await lab.services())].sort((a, b) => (a.address < b.address ? -1 : 1));
      const [first = '', second = '', third] = rows.map(({ flags }) => flags);
      const ticks = Number(/^persistent (\d+) FFFFFFFF$/.exec(first)?.[1]);
      // HZ of the kernels there are.
      lab.equal('whether the ticks are 300 seconds', [100, 250, 300, 1000].includes(ticks / 300), true);
      lab.equal('flags of the others', [second, third], [`persistent ${ticks * 2} FFFFFF00`, '']);
    },
  },
];
