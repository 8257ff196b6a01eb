import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { Requests, service, weigh } from './requests.ts';

/**
 * What is done to a service of servers 1, 2 and 3 with these weights, in order: `+1=2` adds server 1 with weight 2, `1=3` gives it weight 3, `-1` removes it, `x1` closes the client's
 * side of its oldest open connection, `c5` asks for five connections.
 */
const STEPS =
  'c9 1=3 c5 +4=4 c9 -3 c6 1=0 c5 x2 x2 c4 +3=2 c8 2=5 c7 x3 x2 1=6 c9 -4 c4 +4=4 c8 3=6 4=2 c9 ' +
  'x4 x1 x2 c7 -1 -2 3=0 4=0 c2 +2=10 c3 3=30 4=20 c12 +1=2 c9';

/** The servers that Linux 6.1.176 chose for each `c` above, one digit a connection, `-` where it had none. */
const CHOSEN: Readonly<Record<string, string>> = {
  rr: '321321321 32132 143214321 421421 42424 2424 23423423 4234234 213421342 1321 43214321 432143214 3214321 -- 222 432432432432 431243124',
  wrr: '321332321 32131 431432143 421441 44244 2442 34243424 4234234 342112142 2121 42143214 432131321 3213214 -- 222 243343243343 432432432',
  lc: '321321321 32132 444441432 142142 42424 2224 33333323 4234234 111111121 3213 42413241 324132413 2412431 -- 222 434343243243 111112143',
  wlc: '321323321 11312 444444431 442141 42442 2244 33243424 2222222 111111111 1121 21212121 333333333 3333332 -- 222 333433434334 343343433',
};

async function closeOldest(requests: Requests, closed: Set<Flow>, server: number): Promise<void> {
  const flow = requests.of(server).find((candidate) => !closed.has(candidate));
  if (flow === undefined) return;
  closed.add(flow);
  await flow.serverSends('AS');
  await flow.clientSends('A');
  await flow.clientSends('AF');
}

async function change(lab: Lab, sign: string, server: number, weight: number): Promise<void> {
  const place = `-t 10.0.0.100:80 -r 192.168.1.1${server}:80`;
  if (sign === '+') await lab.configure(`-a ${place} -m -w ${weight}`);
  else if (sign === '-') await lab.configure(`-d ${place}`);
  else await lab.configure(weigh(server, weight));
}

export const cases: readonly Case[] = Object.entries(CHOSEN).map(([scheduler, chosen]): Case => ({
  id: `scheduling/mixed-changes-${scheduler}`,
  title: `${scheduler}: the kernel's choices through additions, removals, edits and closes`,
  requirement:
    'Every choice is the one that a kernel made in the same service after the same changes: what a change does to the place in the list, to the bar, to counts of a server that comes back.',
  source: [`ip_vs_${scheduler}.c`, 'ip_vs_ctl.c:__ip_vs_update_dest', 'ipvs-cases D09, D34'],
  level: 'ipvs',
  tags: ['scheduling', scheduler],
  needs: ['nat'],
  rules: service(scheduler, [1, 2, 3]),
  async script(lab) {
    const requests = new Requests(lab);
    const closed = new Set<Flow>();
    const expected = chosen.split(' ')[Symbol.iterator]();
    for (const step of STEPS.split(' ')) {
      const [, sign = '', number = '', weight = ''] = /^([-+xc]?)(\d+)=?(\d*)$/.exec(step) ?? [];
      if (sign === 'x') await closeOldest(requests, closed, Number(number));
      else if (sign !== 'c') await change(lab, sign, Number(number), Number(weight));
      else {
        const servers = String(expected.next().value);
        let observed = '';
        for (const server of servers) {
          if (server === '-') await requests.refused();
          observed += server === '-' ? '-' : (await requests.next(1)).join('');
        }
        lab.equal(`servers chosen at ${step}`, observed, servers);
      }
    }
  },
}));
