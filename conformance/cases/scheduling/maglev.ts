import type { Case } from '../../harness/case.ts';
import { Requests, service, weigh } from './requests.ts';

const ipvs = { level: 'ipvs', tags: ['scheduling'], needs: [] } as const;

/** The kernel's table of 4093 slots, with its fixed keys. Owners of slots were computed apart from the reference director. */
export const cases: readonly Case[] = [
  {
    ...ipvs,
    id: 'scheduling/mh-slots',
    title: 'Maglev hashing: 10.0.0.2 has slot 1884, 10.0.0.3 has slot 3741',
    requirement:
      'Servers claim slots in the order that SipHash-1-3 of their address and port gives; clients are found by it.',
    source: ['ip_vs_mh.c:ip_vs_mh_populate, ip_vs_mh_hashkey', 'ipvs-cases D29'],
    rules: service('mh', [1, 1, 1]),
    async script(lab) {
      lab.equal('servers of 10.0.0.2', await new Requests(lab).next(2), [1, 1]);
      lab.equal('servers of 10.0.0.3', await new Requests(lab, { client: lab.otherClient }).next(2), [1, 1]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/mh-port-slots',
    title: 'Maglev hashing with mh-port: port 40000 of 10.0.0.2 has slot 273, of 10.0.0.3 slot 1528; others theirs',
    requirement: 'Address and port are added up before they are hashed.',
    source: ['ip_vs_mh.c:ip_vs_mh_hashkey', 'ipvs-cases D31'],
    rules: service('mh -b mh-port', [1, 1, 1]),
    async script(lab) {
      lab.equal('server of 10.0.0.2:40000', await new Requests(lab, { port: 40000 }).next(1), [2]);
      const others = new Requests(lab, { client: lab.otherClient, port: 40000 });
      lab.equal('server of 10.0.0.3:40000', await others.next(1), [3]);
      await others.next(40);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/mh-weights',
    title: 'Maglev hashing: each server claims as many slots in its turn as its weight over the common divisor',
    requirement: 'With weights 30, 20 and 60 the turns are 3, 2 and 6; what each of 40 ports gets follows.',
    source: ['ip_vs_mh.c:ip_vs_mh_permutate, ip_vs_mh_gcd_weight'],
    rules: service('mh -b mh-port', [30, 20, 60]),
    async script(lab) {
      await new Requests(lab).next(40);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/mh-great-weights',
    title: 'Maglev hashing: turns are cut to six bits',
    requirement:
      'Weights 1000 and 1 have 62 turns and, as no server of a weight has none, 1; what each of 40 ports gets follows.',
    source: ['ip_vs_mh.c:ip_vs_mh_shift_weight'],
    rules: service('mh -b mh-port', [1000, 1, 1]),
    async script(lab) {
      await new Requests(lab).next(40);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/mh-quiesced',
    title: 'Maglev hashing: a server set to weight 0 keeps its slots, and without fallback their clients are refused',
    requirement:
      'The last weight above 0 counts for the table, so nobody else’s server changes; one added with weight 0 has no slot.',
    source: ['ip_vs_mh.c:ip_vs_mh_get', 'ip_vs_ctl.c:__ip_vs_update_dest', 'ipvs-cases D30'],
    needs: ['scheduler-flags'],
    rules: service('mh', [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const [own = 0] = await requests.next(1);
      await lab.configure(weigh(own, 0));
      await requests.refused();
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.14:80 -m -w 0');
      await requests.refused();
      await lab.configure('-E -t 10.0.0.100:80 -s mh -b mh-fallback');
      await requests.next(2);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/mh-fallback-slots',
    title: 'Maglev hashing with mh-fallback: the slot is hashed again with the first one added, until a server can',
    requirement: 'Of 30 ports those whose server is quiesced get what the kernel’s search finds.',
    source: ['ip_vs_mh.c:ip_vs_mh_get_fallback', 'ipvs-cases D30'],
    rules: service('mh -b mh-fallback,mh-port', [1, 1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      await lab.configure(weigh(2, 0), weigh(4, 0));
      const chosen = await requests.next(30);
      lab.equal('whether a quiesced server is chosen', chosen.includes(2) || chosen.includes(4), false);
    },
  },
];
