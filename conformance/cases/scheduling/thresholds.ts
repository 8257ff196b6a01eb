import type { Case } from '../../harness/case.ts';
import { latestEnd } from '../timeouts/lifetime.ts';
import { Requests, service, shares } from './requests.ts';

/** One server that takes `upper` connections, and after that none until fewer than `lower` are left (0: than three quarters of `upper`). */
function limited(upper: number, lower: number): string {
  return `-A -t 10.0.0.100:80 -s rr\n-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1 -x ${upper} -y ${lower}`;
}

const common = { level: 'ipvs', tags: ['scheduling', 'thresholds'], needs: [] } as const;

/** Thresholds, and how many connections an overloaded server still has when it is chosen again. */
const RELIEFS: readonly { readonly upper: number; readonly lower: number; readonly left: number }[] = [
  { upper: 3, lower: 1, left: 0 },
  { upper: 3, lower: 2, left: 1 },
  { upper: 3, lower: 0, left: 2 },
  { upper: 4, lower: 0, left: 2 },
  { upper: 8, lower: 0, left: 5 },
  { upper: 1, lower: 0, left: 0 },
];

/** Seconds that a refused connection is known (state CLOSE). */
const CLOSE = 10;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'scheduling/threshold-reached',
    title: 'A server with as many connections as its upper threshold gets no more',
    requirement:
      'With an upper threshold of 3 three connections are made; the clients of the next three hear that the port is unreachable.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest', 'ipvsadm(8) --u-threshold', 'ipvs-cases E26'],
    rules: limited(3, 1),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(3);
      for (let number = 0; number < 3; number++) await requests.refused();
      for (const flow of requests.flows) await flow.serverSends('AS');
    },
  },
  ...['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'fo'].map((scheduler): Case => ({
    ...common,
    id: `scheduling/threshold-passed-over-${scheduler}`,
    title: `${scheduler}: a server at its threshold is passed over, and the others go on`,
    requirement: 'An overloaded server is not chosen whatever its weight and load; the others get its share.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest', `ip_vs_${scheduler}.c:ip_vs_${scheduler}_schedule`],
    rules: service(scheduler, [1, 8, 1]).replace('-w 8', '-w 8 -x 2'),
    async script(lab) {
      lab.equal('share of the server with threshold 2 in 12', shares(await new Requests(lab).next(12))[1], 2);
    },
  })),
  {
    ...common,
    id: 'scheduling/threshold-udp',
    title: 'UDP connections count against the threshold',
    requirement: 'Connections in any state count, also those that are never active.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest'],
    rules: service('rr', [1, 1], '-u 10.0.0.100:80').replace('-w 1', '-w 1 -x 2'),
    async script(lab) {
      const requests = new Requests(lab, { protocol: 'udp' });
      lab.equal('servers chosen', await requests.next(6), [2, 1, 2, 1, 2, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/threshold-closed-count',
    title: 'A closed connection counts against the threshold until it is gone',
    requirement:
      'Connections in any state count: when all three were reset the server is overloaded still, and only when they have timed out it is chosen again.',
    source: ['ip_vs_conn.c:ip_vs_unbind_dest', 'ipvs-cases E27'],
    needs: ['clock'],
    rules: limited(3, 1),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(3);
      for (const flow of requests.flows) await flow.serverSends('AR');
      await requests.refused();
      await lab.wait(CLOSE - 1);
      await requests.refused();
      await lab.wait(latestEnd(CLOSE) - (CLOSE - 1));
      lab.equal('servers chosen', await requests.next(3), [1, 1, 1]);
      await requests.refused();
    },
  },
  ...RELIEFS.map(({ upper, lower, left }): Case => ({
    ...common,
    id: `scheduling/threshold-relief-x${upper}-y${lower}`,
    title: `Thresholds ${upper} and ${lower}: an overloaded server is chosen again with ${left} connections left`,
    requirement:
      lower === 0
        ? 'Without a lower threshold an overloaded server is chosen again when it has less than three quarters of the upper one.'
        : 'An overloaded server is chosen again when it has fewer connections than its lower threshold.',
    source: ['ip_vs_conn.c:ip_vs_unbind_dest', 'ipvsadm(8) --l-threshold', 'ipvs-cases E28'],
    needs: ['clock'],
    rules: limited(upper, lower),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(upper);
      for (const [ended, flow] of requests.flows.slice(0, upper - left).entries()) {
        if (ended > 0) await requests.refused();
        await flow.serverSends('AR');
        await lab.wait(latestEnd(CLOSE));
      }
      lab.equal('servers chosen', await requests.next(1), [1]);
    },
  })),
  {
    ...common,
    id: 'scheduling/threshold-raised',
    title: 'A higher upper threshold lets an overloaded server take connections at once',
    requirement: 'Editing a server to a higher threshold, or to none, ends its overload.',
    source: ['ip_vs_ctl.c:__ip_vs_update_dest'],
    rules: limited(2, 0),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(2);
      await requests.refused();
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1 -x 4');
      await requests.next(2);
      await requests.refused();
      await lab.configure('-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1 -x 0');
      await requests.next(4);
    },
  },
  {
    ...common,
    id: 'scheduling/threshold-lowered-and-raised',
    title: 'A threshold that is lowered and raised again',
    requirement:
      'Where a higher threshold alone ends an overload, a server with 4 connections takes another one after its threshold went from 2 to 5; where connections must be fewer than three quarters of the new one, it does not.',
    source: ['ip_vs_ctl.c:__ip_vs_update_dest', 'ip_vs_ctl.c:__ip_vs_dest_update_overload', 'ipvs-cases E29, E30'],
    rules: limited(2, 0),
    async script(lab) {
      const threshold = (upper: number) => lab.configure(`-e -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1 -x ${upper}`);
      const requests = new Requests(lab);
      await requests.next(2);
      await threshold(4);
      await requests.next(2);
      await threshold(2);
      await requests.refused();
      await threshold(5);
      if (lab.profile.accounting === 'classic') await requests.next(1);
      else await requests.refused();
    },
  },
];
