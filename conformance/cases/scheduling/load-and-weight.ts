import type { Case } from '../../harness/case.ts';
import { Requests, service, shares, weigh } from './requests.ts';

const core = { level: 'core', tags: ['scheduling'], needs: [] } as const;
const ipvs = { level: 'ipvs', tags: ['scheduling'], needs: [] } as const;

/** sed, nq, fo and ovf: whom active connections and weights make the next server. */
export const cases: readonly Case[] = [
  {
    ...core,
    id: 'scheduling/sed-shares',
    title: 'Shortest expected delay fills servers by weight',
    requirement:
      'A connection goes where (active connections + 1) / weight is least: with weights 1, 2 and 3 the first six are shared 1, 2, 3, and so are six more.',
    source: ['paper P6', 'ipvsadm(8) --scheduler sed'],
    rules: service('sed', [1, 2, 3]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server', shares(await requests.next(6)), [1, 2, 3, 0]);
      lab.equal('share of each server in the second six', shares(await requests.next(6)), [1, 2, 3, 0]);
    },
  },
  {
    ...core,
    id: 'scheduling/sed-weight-counts-first',
    title: 'Shortest expected delay prefers a strong server to an idle one',
    requirement:
      'An idle server of weight 1 is expected to take longer than one of weight 4 with two connections: the third connection goes there too.',
    source: ['ipvsadm(8) --scheduler sed'],
    rules: service('sed', [1, 4]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(3), [2, 2, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/sed-order',
    title: 'Shortest expected delay, weights 1, 2, 3',
    requirement: 'The least (active + 1) / weight is chosen, the first in the list of equals.',
    source: ['ip_vs_sed.c:ip_vs_sed_schedule', 'ipvs-cases D15'],
    rules: service('sed', [1, 2, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(12), [3, 2, 3, 3, 2, 1, 3, 2, 3, 3, 2, 1]);
    },
  },
  {
    ...core,
    id: 'scheduling/nq-idle-first',
    title: 'Never queue: an idle server gets the next connection, whatever its weight',
    requirement:
      'While there are servers without an active connection each new one goes to one of them; then to the one with the shortest expected delay.',
    source: ['ipvsadm(8) --scheduler nq'],
    rules: service('nq', [1, 1, 100, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server of the first four', shares(await requests.next(4)), [1, 1, 1, 1]);
      lab.equal('the next three', await requests.next(3), [3, 3, 3]);
    },
  },
  {
    ...core,
    id: 'scheduling/nq-idle-again',
    title: 'Never queue: a server whose connections were refused is idle',
    requirement: 'A connection that a reset ended is not active: its server is idle and gets the next one.',
    source: ['ipvsadm(8) --scheduler nq', 'RFC 9293 §3.10.7'],
    rules: service('nq', [1, 8, 8]),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(5);
      for (const flow of requests.of(1)) await flow.serverSends('AR');
      lab.equal('the next', await requests.next(1), [1]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/nq-order',
    title: 'Never queue, weights 1, 2, 3',
    requirement: 'The idle ones in the order of the list, then as by shortest expected delay.',
    source: ['ip_vs_nq.c:ip_vs_nq_schedule', 'ipvs-cases D16'],
    rules: service('nq', [1, 2, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(12), [3, 2, 1, 3, 3, 2, 3, 2, 3, 3, 2, 1]);
    },
  },
  ...[
    { scheduler: 'sed', weights: [4, 2, 1], server: 1, why: 'the heaviest server has the shortest delay for ever' },
    { scheduler: 'nq', weights: [4, 2, 1], server: 3, why: 'the first server of the list is idle for ever' },
    { scheduler: 'ovf', weights: [4, 2, 1], server: 1, why: 'the heaviest server never overflows' },
    { scheduler: 'fo', weights: [4, 2, 1], server: 1, why: 'the heaviest server has all' },
  ].map(({ scheduler, weights, server, why }): Case => ({
    ...ipvs,
    id: `scheduling/${scheduler}-udp`,
    title: `${scheduler}: UDP connections all go to one server`,
    requirement: `UDP connections are never active, so ${why}.`,
    source: [`ip_vs_${scheduler}.c:ip_vs_${scheduler}_schedule`, 'ip_vs_proto_udp.c', 'ipvs-cases D19, D20'],
    rules: service(scheduler, weights, '-u 10.0.0.100:80'),
    async script(lab) {
      const chosen = await new Requests(lab, { protocol: 'udp' }).next(10);
      lab.equal('servers chosen', chosen, Array<number>(10).fill(server));
    },
  })),
  {
    ...core,
    id: 'scheduling/fo-heaviest',
    title: 'Weighted failover: the heaviest server has every connection until it is taken out',
    requirement:
      'All connections go to the available server of the greatest weight; when its weight becomes 0, or it is removed, to the next; when it is back, to it.',
    source: ['ipvsadm(8) --scheduler fo', 'ipvs-cases D17'],
    rules: service('fo', [2, 3, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(4), [2, 2, 2, 2]);
      await lab.configure(weigh(2, 0));
      lab.equal('servers chosen while it is quiesced', await requests.next(3), [1, 1, 1]);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.11:80');
      lab.equal('and when the second is gone too', await requests.next(3), [3, 3, 3]);
      await lab.configure(weigh(2, 3));
      lab.equal('servers chosen when the first is back', await requests.next(3), [2, 2, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/fo-equal-weights',
    title: 'Weighted failover: of equal weights the server added last',
    requirement: 'The list is searched from its head, and a weight must be greater to count.',
    source: ['ip_vs_fo.c:ip_vs_fo_schedule'],
    rules: service('fo', [3, 3, 2]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(3), [2, 2, 2]);
    },
  },
  {
    ...core,
    id: 'scheduling/ovf-overflows',
    title: 'Weighted overflow: the heaviest server is filled first, then the next',
    requirement:
      'Connections go to the server of the greatest weight until it has as many active ones as its weight, and what is more goes to the next.',
    source: ['ipvsadm(8) --scheduler ovf'],
    rules: service('ovf', [2, 20, 4]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('the first 20', shares(await requests.next(20)), [0, 20, 0, 0]);
      // Whether the weight itself may be reached or exceeded is the director's choice.
      await requests.next(1);
      lab.equal('the next three', await requests.next(3), [3, 3, 3]);
      for (const flow of requests.of(2).slice(0, 10)) await flow.serverSends('AR');
      lab.equal('when half of them have ended', await requests.next(5), [2, 2, 2, 2, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/ovf-order',
    title: 'Weighted overflow: a server of weight w takes w + 1 active connections; then the client is refused',
    requirement:
      'A server is full when it has more active connections than its weight; where all are nobody is chosen.',
    source: ['ip_vs_ovf.c:ip_vs_ovf_schedule'],
    rules: service('ovf', [1, 3, 0]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(6), [2, 2, 2, 2, 1, 1]);
      await requests.refused();
      for (const flow of requests.of(1).slice(0, 1)) await flow.serverSends('AR');
      lab.equal('after one ended', await requests.next(1), [1]);
      await requests.refused();
    },
  },
];
