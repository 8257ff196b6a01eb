import type { Case } from '../../harness/case.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { Requests, service, shares, weigh } from './requests.ts';

const core = { level: 'core', tags: ['scheduling'], needs: [] } as const;
const ipvs = { level: 'ipvs', tags: ['scheduling'], needs: [] } as const;

/** The servers that `count` connections of a client get, from ports in a row. */
async function chosenFor(lab: Lab, client: Host, count: number, port = 40001): Promise<readonly number[]> {
  return new Requests(lab, { client, port }).next(count);
}

/** The servers that one connection from each of these ports gets. */
async function chosenFrom(lab: Lab, client: Host, ports: readonly number[]): Promise<readonly number[]> {
  const chosen: number[] = [];
  for (const port of ports) chosen.push(...(await chosenFor(lab, client, 1, port)));
  return chosen;
}

const onlyOne = (chosen: readonly number[]): boolean => new Set(chosen).size === 1;

export const cases: readonly Case[] = [
  ...['sh', 'mh'].map((scheduler): Case => ({
    ...core,
    id: `scheduling/${scheduler}-one-client-one-server`,
    title: `${scheduler}: every connection of a client goes to the same server`,
    requirement:
      "The client's address alone decides: connections from any of its ports, one after the other or beside others, have one server.",
    source: [`ipvsadm(8) --scheduler ${scheduler}`],
    rules: service(scheduler, [1, 1, 1, 1]),
    async script(lab) {
      const first = await chosenFor(lab, lab.client, 8);
      lab.equal('whether one server has all of them', onlyOne(first), true);
      lab.equal('whether another client has one server too', onlyOne(await chosenFor(lab, lab.otherClient, 8)), true);
      lab.equal('the first client again', await chosenFor(lab, lab.client, 8, 50001), first);
    },
  })),
  ...['sh', 'mh'].map((scheduler): Case => ({
    ...core,
    id: `scheduling/${scheduler}-port`,
    title: `${scheduler}: with the flag ${scheduler}-port a client’s ports have different servers`,
    requirement: 'Address and port decide: of 48 connections of one client each of three servers gets some.',
    source: ['ipvsadm(8) --sched-flags', 'ipvs-cases D31'],
    rules: service(`${scheduler} -b ${scheduler}-port`, [1, 1, 1]),
    async script(lab) {
      const counts = shares(await chosenFor(lab, lab.client, 48)).slice(0, 3);
      lab.equal(
        'whether each server has at least six',
        counts.every((count) => count >= 6),
        true,
      );
    },
  })),
  ...['sh', 'mh'].map((scheduler): Case => ({
    ...core,
    id: `scheduling/${scheduler}-fallback`,
    title: `${scheduler}: with the flag ${scheduler}-fallback a client whose server is quiesced gets another`,
    requirement:
      'Where the server has weight 0 another one is looked for; when it is back the client has its own again.',
    source: ['ipvsadm(8) --sched-flags', 'ipvs-cases D24, D30'],
    rules: service(`${scheduler} -b ${scheduler}-fallback`, [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      const [own = 0] = await requests.next(1);
      await lab.configure(weigh(own, 0));
      const others = await requests.next(4);
      lab.equal('whether its own server is chosen', others.includes(own), false);
      lab.equal('whether one server has them', onlyOne(others), true);
      await lab.configure(weigh(own, 1));
      lab.equal('when it is back', await requests.next(2), [own, own]);
    },
  })),
  {
    ...core,
    id: 'scheduling/mh-minimal-disruption',
    title: 'Maglev hashing: when a server leaves hardly anybody else’s server changes',
    requirement:
      'The same requests of two services with the same servers but for one that the second lacks: what goes to one of the others in the first goes there in the second too, a tenth may not.',
    source: ['Maglev (NSDI 2016) §3.4, §5.3', 'ipvsadm(8) --scheduler mh'],
    rules: [service('mh -b mh-port', [1, 1, 1, 1]), service('mh -b mh-port', [1, 1, 1], '-t 10.0.0.100:81')].join('\n'),
    async script(lab) {
      const all = await new Requests(lab).next(60);
      const fewer = await new Requests(lab, { virtualPort: 81, realPort: 80 }).next(60);
      const staying = all.flatMap((server, index) => (server === 4 ? [] : [fewer[index] === server]));
      lab.equal('whether the fourth server had its share', staying.length < 55, true);
      const moved = staying.filter((stayed) => !stayed).length;
      lab.equal('whether more than a tenth moved', moved * 10 > staying.length, false);
      const shared = shares(all.flatMap((server, index) => (server === 4 ? [fewer[index] ?? 0] : [])));
      lab.equal(
        'whether one server takes over all of the fourth',
        shared.filter((count) => count > 0).length === 1,
        false,
      );
    },
  },
  {
    ...core,
    id: 'scheduling/dh-one-destination-one-server',
    title: 'Destination hashing: all connections to one address go to the same server',
    requirement: 'The destination address alone decides, whoever asks and from whatever port.',
    source: ['ipvsadm(8) --scheduler dh'],
    rules: service('dh', [1, 1, 1, 1]),
    async script(lab) {
      const chosen = await chosenFor(lab, lab.client, 5);
      lab.equal('whether one server has all of them', onlyOne(chosen), true);
      lab.equal('those of another client', await chosenFor(lab, lab.otherClient, 5), chosen);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/dh-slots',
    title: 'Destination hashing: 10.0.0.100 has slot 248, whatever the weights',
    requirement:
      'The 256 slots are filled with the servers in turn from the head of the list, anew when one comes or goes; a slot whose server has weight 0 refuses.',
    source: ['ip_vs_dh.c:ip_vs_dh_reassign', 'include/linux/hash.h:hash_32', 'ipvs-cases D27'],
    rules: service('dh', [1, 9, 5]),
    async script(lab) {
      const requests = new Requests(lab);
      // 248 modulo 3 is 2: the list's last.
      lab.equal('servers chosen', await requests.next(2), [1, 1]);
      await lab.configure(weigh(1, 0));
      await requests.refused();
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.11:80');
      // 248 modulo 2 is 0: the list's first.
      lab.equal('when it is removed', await requests.next(2), [3, 3]);
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.14:80 -m', weigh(3, 0));
      lab.equal('when another is added', await requests.next(2), [2, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/sh-slots',
    title: 'Source hashing: 10.0.0.2 has slot 137, 10.0.0.3 has slot 235',
    requirement:
      'The 256 slots are filled from the head of the list, with each server as often in a row as its weight says.',
    source: ['ip_vs_sh.c:ip_vs_sh_reassign', 'include/linux/hash.h:hash_32', 'ipvs-cases D22, D26'],
    rules: service('sh', [1, 1, 1]),
    async script(lab) {
      // Modulo 3: 2 and 1.
      lab.equal('servers of 10.0.0.2', await chosenFor(lab, lab.client, 2), [1, 1]);
      lab.equal('servers of 10.0.0.3', await chosenFor(lab, lab.otherClient, 2), [2, 2]);
      await lab.configure(weigh(2, 3), weigh(3, 2));
      // The list is 3, 3, 2, 2, 2, 1 now; modulo 6: 5 and 1.
      lab.equal('server of 10.0.0.2 by weight', await chosenFor(lab, lab.client, 1, 50001), [1]);
      lab.equal('server of 10.0.0.3 by weight', await chosenFor(lab, lab.otherClient, 1, 50001), [3]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/sh-port-slots',
    title: 'Source hashing with sh-port: address and port are added up before they are hashed',
    requirement: '10.0.0.2 has slots 235, 24, 45 and 174 with ports 1, 80, 40000 and 65535.',
    source: ['ip_vs_sh.c:ip_vs_sh_hashkey', 'ipvs-cases D23'],
    rules: service('sh -b sh-port', [1, 1, 1, 1]),
    async script(lab) {
      // Modulo 4: 3, 0, 1 and 2.
      lab.equal('servers chosen', await chosenFrom(lab, lab.client, [1, 80, 40000, 65535]), [1, 4, 3, 2]);
    },
  },
  {
    ...ipvs,
    id: 'scheduling/sh-no-fallback',
    title: 'Source hashing: without fallback a client whose server is quiesced is refused, until the flag is given',
    requirement:
      'A server of weight 0 keeps a slot. The flag counts from the next packet on; the search for another slot begins at twice the first: 274 modulo 256 is 18.',
    source: ['ip_vs_sh.c:ip_vs_sh_get, ip_vs_sh_get_fallback', 'ip_vs_ctl.c:ip_vs_edit_service', 'ipvs-cases D24'],
    needs: ['scheduler-flags'],
    rules: service('sh', [0, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.refused();
      await lab.configure('-E -t 10.0.0.100:80 -s sh -b sh-fallback');
      lab.equal('with the flag', await requests.next(1), [3]);
      await lab.configure('-E -t 10.0.0.100:80 -s sh');
      await requests.refused();
    },
  },
  {
    ...ipvs,
    id: 'scheduling/sh-threshold',
    title: 'Source hashing: an overloaded server’s clients are refused',
    requirement: 'A server at its threshold keeps its slots, and without fallback nobody else serves them.',
    source: ['ip_vs_sh.c:is_unavailable'],
    rules: service('sh', [1, 1, 1]).replaceAll('-w 1', '-w 1 -x 2'),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('servers chosen', await requests.next(2), [1, 1]);
      await requests.refused();
      lab.equal('servers of 10.0.0.3', await chosenFor(lab, lab.otherClient, 2), [2, 2]);
    },
  },
];
