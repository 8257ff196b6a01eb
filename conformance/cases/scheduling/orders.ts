import type { Case } from '../../harness/case.ts';
import { ip, tcp } from '../../harness/layers.ts';
import { Requests, service, weigh } from './requests.ts';

const common = { level: 'ipvs', tags: ['scheduling'], needs: [] } as const;

/** The kernel's exact choices. A new server is put at the head of its service's list. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'scheduling/rr-newest-first',
    title: 'Round robin begins with the server added last',
    requirement: 'The list is searched from its head, where new servers are put: servers 1, 2, 3 are taken as 3, 2, 1.',
    source: ['ip_vs_rr.c:ip_vs_rr_schedule', 'ip_vs_ctl.c:__ip_vs_update_dest', 'ipvs-cases D01'],
    rules: service('rr', [1, 1, 1]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(4), [3, 2, 1, 3]);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-weight-zero-skipped',
    title: 'Round robin passes over a server of weight 0',
    requirement: 'The server after it in the list has its turn at once.',
    source: ['ip_vs_rr.c:ip_vs_rr_schedule', 'ipvs-cases D02'],
    rules: service('rr', [1, 0, 1]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(3), [3, 1, 3]);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-last-chosen-removed',
    title: 'Round robin goes on behind a removed server',
    requirement: 'Where the server chosen last is removed, the one after it in the list is next.',
    source: ['ip_vs_rr.c:ip_vs_rr_del_dest', 'ipvs-cases D03'],
    rules: service('rr', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(1), [3]);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.13:80');
      lab.equal('servers chosen afterwards', await requests.next(3), [2, 1, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-other-removed',
    title: 'Round robin keeps its place when another server is removed',
    requirement: 'Removing a server that was not chosen last changes nobody else’s turn.',
    source: ['ip_vs_rr.c:ip_vs_rr_del_dest'],
    rules: service('rr', [1, 1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(2), [4, 3]);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.14:80');
      lab.equal('servers chosen afterwards', await requests.next(4), [2, 1, 3, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-added',
    title: 'Round robin comes to an added server after the end of the list',
    requirement: 'A server added in mid-round stands at the head: its turn is after the last server of the round.',
    source: ['ip_vs_rr.c:ip_vs_rr_schedule', 'ipvs-cases D04'],
    rules: service('rr', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(1), [3]);
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.14:80 -m -w 1');
      lab.equal('servers chosen afterwards', await requests.next(4), [2, 1, 4, 3]);
    },
  },
  {
    ...common,
    id: 'scheduling/scheduler-exchanged',
    title: 'A scheduler that is exchanged and comes back begins anew, one that is named again does not',
    requirement:
      'Editing the service with its own scheduler keeps the place in the list; after another scheduler it begins at the head.',
    source: ['ip_vs_ctl.c:ip_vs_edit_service', 'ip_vs_rr.c:ip_vs_rr_init_svc', 'ipvs-cases D06'],
    needs: ['scheduler.wrr'],
    rules: service('rr', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(1), [3]);
      await lab.configure('-E -t 10.0.0.100:80 -s rr');
      lab.equal('the next', await requests.next(1), [2]);
      await lab.configure('-E -t 10.0.0.100:80 -s wrr', '-E -t 10.0.0.100:80 -s rr');
      lab.equal('after the exchange', await requests.next(2), [3, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-order',
    title: 'Weighted round robin, weights 1, 2, 3',
    requirement:
      'The bar falls from the greatest weight to the least, and each pass takes the servers that reach it; a service built up server by server begins with the bar of its first one.',
    source: ['ip_vs_wrr.c:ip_vs_wrr_schedule', 'ip_vs_wrr.c:ip_vs_wrr_dest_changed', 'ipvs-cases D07'],
    rules: service('wrr', [1, 2, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(12), [3, 2, 1, 3, 3, 2, 3, 2, 1, 3, 3, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-order-heavy-first',
    title: 'Weighted round robin, weights 3, 2, 1',
    requirement:
      'The bar counts in steps of the common divisor. The first server is alone, so its weight is one step and the bar begins there: all servers reach it in the first pass, whatever their weight.',
    source: ['ip_vs_wrr.c:ip_vs_wrr_max_weight', 'ip_vs_wrr.c:ip_vs_wrr_dest_changed'],
    rules: service('wrr', [3, 2, 1]),
    async script(lab) {
      // The bar at 1: servers 3, 2 and 1; at 3: server 1; at 2: servers 2 and 1; at 1 again.
      lab.equal('servers chosen', await new Requests(lab).next(12), [3, 2, 1, 1, 2, 1, 3, 2, 1, 1, 2, 1]);
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-exchanged-for',
    title: 'Weighted round robin that takes over begins with the greatest weight',
    requirement: 'Put in the place of another scheduler it starts with the bar at the greatest weight.',
    source: ['ip_vs_wrr.c:ip_vs_wrr_init_svc'],
    needs: ['scheduler.wrr'],
    rules: service('rr', [1, 2, 3]),
    async script(lab) {
      await lab.configure('-E -t 10.0.0.100:80 -s wrr');
      // The bar at 3: server 3; at 2: servers 3 and 2; at 1: servers 3, 2 and 1.
      lab.equal('servers chosen', await new Requests(lab).next(7), [3, 3, 2, 3, 2, 1, 3]);
    },
  },
  {
    ...common,
    id: 'scheduling/wlc-order-equal-weights',
    title: 'Weighted least connection takes the first in the list of equals',
    requirement:
      'Of servers with the same load per weight the one nearest the head of the list, the newest, is chosen.',
    source: ['ip_vs_wlc.c:ip_vs_wlc_schedule', 'ipvs-cases D10'],
    rules: service('wlc', [1, 1, 1]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(6), [3, 2, 1, 3, 2, 1]);
    },
  },
  {
    ...common,
    id: 'scheduling/lc-order',
    title: 'Least connection takes the first in the list of equals',
    requirement: 'Of servers with the same load the one nearest the head of the list, the newest, is chosen.',
    source: ['ip_vs_lc.c:ip_vs_lc_schedule'],
    rules: service('lc', [1, 2, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(6), [3, 2, 1, 3, 2, 1]);
    },
  },
  {
    ...common,
    id: 'scheduling/wlc-order',
    title: 'Weighted least connection, weights 1, 2, 3',
    requirement: 'The least load per weight is chosen, the first in the list of equals.',
    source: ['ip_vs_wlc.c:ip_vs_wlc_schedule', 'ipvs-cases D11'],
    rules: service('wlc', [1, 2, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(12), [3, 2, 1, 3, 2, 3, 3, 2, 1, 3, 2, 3]);
    },
  },
  {
    ...common,
    id: 'scheduling/wlc-order-udp',
    title: 'Weighted least connection, UDP, weights 1, 2, 4',
    requirement: 'UDP connections are never active, yet they are load: the least of it per weight is chosen.',
    source: ['ip_vs_wlc.c:ip_vs_wlc_schedule', 'ip_vs.h:ip_vs_dest_conn_overhead', 'ipvs-cases D21'],
    rules: service('wlc', [1, 2, 4], '-u 10.0.0.100:80'),
    async script(lab) {
      const requests = new Requests(lab, { protocol: 'udp' });
      lab.equal('servers chosen', await requests.next(10), [3, 2, 1, 3, 3, 2, 3, 3, 2, 1]);
    },
  },
  ...['lc', 'wlc'].map((scheduler): Case => ({
    ...common,
    id: `scheduling/${scheduler}-closed-weigh-little`,
    title: `${scheduler}: a closing connection is hardly any load, and some`,
    requirement:
      'An active connection weighs as much as 256 that are closing: with all connections closing at server 2 it is next; where two servers have only closing ones the one with fewer is.',
    source: ['ip_vs.h:ip_vs_dest_conn_overhead', `ip_vs_${scheduler}.c:ip_vs_${scheduler}_schedule`],
    rules: service(scheduler, [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(6), [3, 2, 1, 3, 2, 1]);
      for (const flow of requests.of(2)) await flow.serverSends('AR');
      lab.equal('two more', await requests.next(2), [2, 2]);
      for (const flow of requests.of(2).slice(2)) await flow.serverSends('AR');
      for (const flow of requests.of(1)) await flow.serverSends('AR');
      // Server 2 has four closing connections, server 1 has two.
      lab.equal('the next', await requests.next(1), [1]);
    },
  })),
  {
    ...common,
    id: 'scheduling/lc-active-weighs-256',
    title: 'Least connection: one active connection weighs as much as 256 inactive ones',
    requirement:
      'With one active connection at one server and 255 inactive ones at the other the other is chosen; with 256 both weigh the same, and the first in the list is. Where the total is counted, an active connection weighs 257.',
    source: ['ip_vs.h:ip_vs_dest_conn_overhead', 'ipvs-cases D13, D14'],
    rules: service('lc', [1, 1]),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [first] = servers;
      const refused = Array.from({ length: 254 }, (_, index) => 50001 + index);
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(2), [2, 1]);
      await requests.flows[1]?.serverSends('AR');
      // All of them at server 1, which refuses them: 255 inactive connections with the one above.
      await lab.configure(weigh(2, 0));
      await client.sendsTogether(
        refused.map((sourcePort) => [ip({ destination: vip }), tcp({ sourcePort, destinationPort: 80, flags: 'S' })]),
      );
      for (const sourcePort of refused) first.receives(ip({ source: client.address }), tcp({ sourcePort, flags: 'S' }));
      await first.sendsTogether(
        refused.map((destinationPort) => [
          ip({ destination: client.address }),
          tcp({ sourcePort: 80, destinationPort, flags: 'AR' }),
        ]),
      );
      for (const destinationPort of refused)
        client.receives(ip({ source: vip }), tcp({ destinationPort, flags: 'AR' }));
      await lab.configure(weigh(2, 1));
      lab.equal('with 255 inactive ones', await requests.next(1), [1]);
      await requests.flows.at(-1)?.serverSends('AR');
      lab.equal('with 256', await requests.next(1), lab.profile.accounting === 'classic' ? [2] : [1]);
    },
  },
  {
    ...common,
    id: 'scheduling/wlc-weight-edited',
    title: 'Weighted least connection goes by the weights of the moment',
    requirement: 'Load is divided by the weight that a server has now.',
    source: ['ip_vs_wlc.c:ip_vs_wlc_schedule'],
    rules: service('wlc', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(3), [3, 2, 1]);
      await lab.configure(weigh(1, 4));
      // One connection each; 1/4 until the fourth at server 1 makes all equal, and the newest is first among equals.
      lab.equal('servers chosen afterwards', await requests.next(6), [1, 1, 1, 3, 2, 1]);
    },
  },
];
