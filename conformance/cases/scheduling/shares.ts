import type { Case } from '../../harness/case.ts';
import { Requests, service, shares } from './requests.ts';

const common = { level: 'core', tags: ['scheduling'], needs: [] } as const;

/** Which share of the connections each server gets. Which of them is first is the director's choice. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'scheduling/rr-equal-shares',
    title: 'Round robin gives each server its turn',
    requirement:
      'Of as many new connections as there are servers each server gets one, round after round in the same order.',
    source: ['paper P5, P6', 'ipvsadm(8) --scheduler rr'],
    tags: ['scheduling', 'rr'],
    rules: service('rr', [1, 1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const first = await requests.next(4);
      lab.equal('share of each server', shares(first), [1, 1, 1, 1]);
      lab.equal('second round', await requests.next(4), first);
      lab.equal('third round', await requests.next(4), first);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-weights-not-asked',
    title: 'Round robin treats servers of different weight alike',
    requirement: 'Round robin takes servers in turn; a weight above 0 plays no part.',
    source: ['paper P5, P6', 'ipvsadm(8) --scheduler rr'],
    tags: ['scheduling', 'rr'],
    rules: service('rr', [1, 2, 5, 100]),
    async script(lab) {
      lab.equal('share of each server', shares(await new Requests(lab).next(8)), [2, 2, 2, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/rr-udp',
    title: 'Round robin counts UDP connections, not datagrams',
    requirement:
      'The first datagram of a client port is a new connection and takes a turn; those that follow it take none.',
    source: ['paper P5, P12', 'ipvsadm(8) --scheduler rr'],
    tags: ['scheduling', 'rr', 'udp'],
    rules: service('rr', [1, 1, 1, 1], '-u 10.0.0.100:80'),
    async script(lab) {
      const requests = new Requests(lab, { protocol: 'udp' });
      const first = await requests.next(4);
      lab.equal('share of each server', shares(first), [1, 1, 1, 1]);
      const [one, other] = requests.flows;
      await one?.clientSends();
      await one?.serverSends();
      await other?.clientSends();
      lab.equal('second round', await requests.next(4), first);
    },
  },
  {
    ...common,
    id: 'scheduling/once-a-connection',
    title: 'A server is chosen once for a connection',
    requirement:
      'Packets of a connection that the table has do not reach the scheduler: they take nobody a turn, whatever their flags.',
    source: ['paper P6, P12'],
    tags: ['scheduling', 'rr'],
    rules: service('rr', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const chosen: number[] = [];
      for (let number = 0; number < 6; number++) {
        chosen.push(...(await requests.next(1)));
        const flow = requests.flows.at(-1);
        await flow?.clientSends('S', { sequence: 1000 });
        await flow?.serverSends('AS');
        await flow?.clientSends('A');
        await flow?.clientSends('AP', { payload: 'GET /' });
        await flow?.clientSends('AF');
      }
      lab.equal('share of each server', shares(chosen), [2, 2, 2, 0]);
      lab.equal('second round', chosen.slice(3), chosen.slice(0, 3));
    },
  },
  {
    ...common,
    id: 'scheduling/services-apart',
    title: 'Each virtual service has a turn of its own',
    requirement: "What one service's scheduler chose does not change what another's chooses, on the same servers.",
    source: ['paper P5, P6'],
    tags: ['scheduling', 'rr'],
    rules: `${service('rr', [1, 1, 1])}\n${service('rr', [1, 1, 1], '-t 10.0.0.100:81')}`,
    async script(lab) {
      const one = new Requests(lab);
      const other = new Requests(lab, { virtualPort: 81, realPort: 80, port: 50001 });
      const chosen = { one: [] as number[], other: [] as number[] };
      for (let number = 0; number < 3; number++) {
        chosen.one.push(...(await one.next(1)));
        chosen.other.push(...(await other.next(1)));
      }
      lab.equal('share of each server in one service', shares(chosen.one), [1, 1, 1, 0]);
      lab.equal('share of each server in the other', shares(chosen.other), [1, 1, 1, 0]);
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-shares',
    title: 'Weighted round robin gives each server its weight in every cycle',
    requirement:
      'With weights 1, 2 and 3 six new connections in a row bring one to the first server, two to the second, three to the third.',
    source: ['paper P6', 'ipvsadm(8) --scheduler wrr'],
    tags: ['scheduling', 'wrr'],
    rules: service('wrr', [1, 2, 3]),
    async script(lab) {
      const requests = new Requests(lab);
      for (const cycle of ['first', 'second', 'third']) {
        lab.equal(`share of each server in the ${cycle} cycle`, shares(await requests.next(6)), [1, 2, 3, 0]);
      }
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-large-weights',
    title: 'Weighted round robin with large weights',
    requirement:
      'With weights 10, 20 and 30 sixty new connections in a row bring as many to each server as its weight.',
    source: ['paper P6', 'ipvsadm(8) --scheduler wrr'],
    tags: ['scheduling', 'wrr'],
    rules: service('wrr', [10, 20, 30]),
    async script(lab) {
      lab.equal('share of each server', shares(await new Requests(lab).next(60)), [10, 20, 30, 0]);
    },
  },
  {
    ...common,
    id: 'scheduling/wrr-udp',
    title: 'Weighted round robin gives UDP connections by weight',
    requirement:
      'With weights 1 and 3 four new client ports in a row bring one to the first server, three to the second.',
    source: ['paper P6', 'ipvsadm(8) --scheduler wrr'],
    tags: ['scheduling', 'wrr', 'udp'],
    rules: service('wrr', [1, 3], '-u 10.0.0.100:80'),
    async script(lab) {
      const requests = new Requests(lab, { protocol: 'udp' });
      for (const cycle of ['first', 'second']) {
        lab.equal(`share of each server in the ${cycle} cycle`, shares(await requests.next(4)), [1, 3, 0, 0]);
      }
    },
  },
  {
    ...common,
    id: 'scheduling/wlc-shares',
    title: 'Weighted least connection fills servers by weight',
    requirement:
      'With weights 1, 2 and 3 six connections that stay open are one at the first server, two at the second, three at the third; six more double that.',
    source: ['paper P6', 'ipvsadm(8) --scheduler wlc'],
    tags: ['scheduling', 'wlc'],
    rules: service('wlc', [1, 2, 3]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server', shares(await requests.next(6)), [1, 2, 3, 0]);
      lab.equal('share of each server in the second six', shares(await requests.next(6)), [1, 2, 3, 0]);
    },
  },
  ...['lc', 'wlc'].map((scheduler): Case => ({
    ...common,
    id: `scheduling/${scheduler}-even`,
    title: `${scheduler === 'lc' ? 'Least connection' : 'Weighted least connection, equal weights'}: servers fill evenly`,
    requirement: 'While connections stay open each new one goes to a server with the fewest.',
    source: ['paper P6', `ipvsadm(8) --scheduler ${scheduler}`],
    tags: ['scheduling', scheduler],
    rules: service(scheduler, [1, 1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      for (const round of ['first', 'second', 'third']) {
        lab.equal(`share of each server in the ${round} round`, shares(await requests.next(4)), [1, 1, 1, 1]);
      }
    },
  })),
  {
    ...common,
    id: 'scheduling/lc-weights-not-asked',
    title: 'Least connection treats servers of different weight alike',
    requirement: 'The fewest connections decide; a weight above 0 plays no part.',
    source: ['paper P6', 'ipvsadm(8) --scheduler lc'],
    tags: ['scheduling', 'lc'],
    rules: service('lc', [1, 10, 100]),
    async script(lab) {
      lab.equal('share of each server', shares(await new Requests(lab).next(6)), [2, 2, 2, 0]);
    },
  },
  {
    ...common,
    id: 'scheduling/lc-udp',
    title: 'Least connection counts UDP connections too',
    requirement:
      'The table has UDP connections as well: while they are known each new one goes to a server with the fewest.',
    source: ['paper P6, P12, P14', 'ipvsadm(8) --scheduler lc'],
    tags: ['scheduling', 'lc', 'udp'],
    rules: service('lc', [1, 1, 1, 1], '-u 10.0.0.100:80'),
    async script(lab) {
      const requests = new Requests(lab, { protocol: 'udp' });
      for (const round of ['first', 'second']) {
        lab.equal(`share of each server in the ${round} round`, shares(await requests.next(4)), [1, 1, 1, 1]);
      }
    },
  },
];
