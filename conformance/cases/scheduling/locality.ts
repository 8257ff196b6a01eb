import type { Case } from '../../harness/case.ts';
import { Requests, service, weigh } from './requests.ts';

const core = { level: 'core', tags: ['scheduling'], needs: [] } as const;
const ipvs = { level: 'ipvs', tags: ['scheduling'], needs: [] } as const;

const BOTH = ['lblc', 'lblcr'] as const;

/** lblc and lblcr with one destination, which is what a service of one address has. */
export const cases: readonly Case[] = [
  ...BOTH.map((scheduler): Case => ({
    ...core,
    id: `scheduling/${scheduler}-stays`,
    title: `${scheduler}: connections to one address stay with one server`,
    requirement: 'While its server is not overloaded an address has it, whoever asks and however idle the others are.',
    source: [`ipvsadm(8) --scheduler ${scheduler}`],
    rules: service(scheduler, [8, 8, 8]),
    async script(lab) {
      const chosen = await new Requests(lab).next(4);
      lab.equal('number of servers', new Set(chosen).size, 1);
      lab.equal('of another client', await new Requests(lab, { client: lab.otherClient }).next(4), chosen);
    },
  })),
  ...BOTH.map((scheduler): Case => ({
    ...core,
    id: `scheduling/${scheduler}-leaves-quiesced`,
    title: `${scheduler}: an address leaves a server that is taken out`,
    requirement: 'When its server has weight 0, or is removed, the address has another one.',
    source: [`ipvsadm(8) --scheduler ${scheduler}`],
    rules: service(scheduler, [8, 8, 8]),
    async script(lab) {
      const requests = new Requests(lab);
      const [first = 0] = await requests.next(1);
      await lab.configure(weigh(first, 0));
      const [second = 0] = await requests.next(1);
      lab.equal('whether it has another one', second !== first, true);
      await lab.configure(`-d -t 10.0.0.100:80 -r 192.168.1.1${second}:80`);
      const [third = 0] = await requests.next(1);
      lab.equal('the third', third, 6 - first - second);
    },
  })),
  {
    ...ipvs,
    id: 'scheduling/lblc-crowded',
    title:
      'lblc: an address leaves a server with more active connections than its weight if another has half as many at most',
    requirement:
      'With weights 3 the fifth connection goes to the other server; then no server has less than half its weight, and the address stays.',
    source: ['ip_vs_lblc.c:is_overloaded', 'ipvs-cases D32'],
    rules: service('lblc', [3, 3]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(10), [2, 2, 2, 2, 1, 1, 1, 1, 1, 1]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/lblcr-crowded',
    title:
      'lblcr: another server joins the set, and the least loaded of the set is chosen, of equals the one that joined last',
    requirement: 'With weights 2 the fourth connection lets server 1 join; then both fill evenly.',
    source: ['ip_vs_lblcr.c:ip_vs_lblcr_schedule, ip_vs_dest_set_min', 'ipvs-cases D33'],
    rules: service('lblcr', [2, 2]),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(8), [2, 2, 2, 1, 1, 1, 1, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/lblc-threshold-ignored',
    title: 'lblc: an address stays with a server above its threshold',
    requirement: 'The threshold keeps other addresses away, not the one that has the server.',
    source: ['ip_vs_lblc.c:ip_vs_lblc_schedule'],
    rules: service('lblc', [8, 8]).replaceAll('-w 8', '-w 8 -x 2'),
    async script(lab) {
      lab.equal('servers chosen', await new Requests(lab).next(5), [2, 2, 2, 2, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/lblcr-threshold-joins',
    title: 'lblcr: when a server is at its threshold another one joins; then nobody is chosen',
    requirement: 'Members above their threshold are passed over.',
    source: ['ip_vs_lblcr.c:ip_vs_dest_set_min'],
    rules: service('lblcr', [8, 8]).replaceAll('-w 8', '-w 8 -x 2'),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(4), [2, 2, 1, 1]);
      await requests.refused();
    },
  },
  ...BOTH.map((scheduler): Case => ({
    ...ipvs,
    id: `scheduling/${scheduler}-server-returns`,
    title: `${scheduler}: a server that is removed and added again has its address back`,
    requirement: 'The server added is the one that was removed, and the address still names it.',
    source: ['ip_vs_ctl.c:ip_vs_trash_get_dest', `ip_vs_${scheduler}.c:ip_vs_${scheduler}_schedule`],
    rules: service(scheduler, [8, 8]),
    async script(lab) {
      const requests = new Requests(lab);
      await lab.configure(weigh(2, 0));
      lab.equal('the first', await requests.next(1), [1]);
      const server = '-t 10.0.0.100:80 -r 192.168.1.11:80';
      await lab.configure(weigh(2, 8), `-d ${server}`, `-a ${server} -m -w 8`);
      lab.equal('the next two', await requests.next(2), [1, 1]);
    },
  })),
  ...BOTH.flatMap((scheduler) =>
    [60, 86400].map((expiration): Case => ({
      ...ipvs,
      id: `scheduling/${scheduler}-expiration-${expiration}`,
      title: `${scheduler}: with an expiration of ${expiration} s an address that nobody asked for in an hour is ${expiration === 60 ? 'forgotten' : 'known'}`,
      requirement: 'Every half hour what was not asked for since the expiration is forgotten.',
      source: [`ip_vs_${scheduler}.c:ip_vs_${scheduler}_check_expire`],
      needs: ['clock'],
      environment: { sysctls: { icmp_ratelimit: '0', [`vs.${scheduler}_expiration`]: String(expiration) } },
      rules: service(scheduler, [8, 8]),
      async script(lab) {
        const requests = new Requests(lab);
        await lab.configure(weigh(2, 0));
        lab.equal('the first', await requests.next(1), [1]);
        await lab.configure(weigh(2, 8));
        lab.equal('while it is known', await requests.next(1), [1]);
        await lab.wait(4000);
        lab.equal('an hour later', await requests.next(1), [expiration === 60 ? 2 : 1]);
      },
    })),
  ),
];
