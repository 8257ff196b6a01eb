import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { latestEnd } from '../timeouts/lifetime.ts';
import { Requests, service, shares, weigh } from './requests.ts';

/** Those under which every server of weight 1 gets connections. */
const SCHEDULERS = ['rr', 'wrr', 'lc', 'wlc', 'sed', 'nq'] as const;
const ALL = [...SCHEDULERS, 'fo', 'ovf', 'dh', 'sh', 'mh', 'lblc', 'lblcr'] as const;

const common = { level: 'core', tags: ['scheduling'], needs: [] } as const;

/** Both sides close; nothing is left of it after the longest closing timeout of any director, two minutes. */
async function closeWhole(flow: Flow): Promise<void> {
  await flow.serverSends('AS');
  await flow.clientSends('A');
  await flow.clientSends('AF');
  await flow.serverSends('AF');
  await flow.clientSends('A');
}

/** What the scheduler makes of weights, of servers that come and go, and of connections that end. */
export const cases: readonly Case[] = [
  ...SCHEDULERS.map((scheduler): Case => ({
    ...common,
    id: `scheduling/weight-zero-${scheduler}`,
    title: `${scheduler}: a server of weight 0 gets no new connection`,
    requirement:
      'Weight 0 takes a server out of scheduling, from the beginning or later on; a weight above 0 brings it back.',
    source: ['paper P6', 'ipvsadm(8) --weight', 'ipvs-cases D02'],
    tags: ['scheduling', scheduler],
    rules: service(scheduler, [1, 0, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of the server of weight 0', shares(await requests.next(6))[1], 0);
      await lab.configure(weigh(2, 1), weigh(3, 0));
      const [, second, third] = shares(await requests.next(6));
      lab.equal('share of the server that has weight 0 now', third, 0);
      lab.equal('whether the one that had it is chosen', (second ?? 0) > 0, true);
    },
  })),
  ...SCHEDULERS.map((scheduler): Case => ({
    ...common,
    id: `scheduling/servers-change-${scheduler}`,
    title: `${scheduler}: a server that is added gets connections, one that is removed gets none`,
    requirement: 'The director chooses among the servers that the service has at the moment.',
    source: ['paper P6', 'ipvsadm(8) --add-server, --delete-server'],
    tags: ['scheduling', scheduler],
    rules: service(scheduler, [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server', shares(await requests.next(4)), [2, 2, 0, 0]);
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.13:80 -m -w 1');
      lab.equal('whether the added one is chosen', (shares(await requests.next(6))[2] ?? 0) >= 2, true);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.11:80');
      const [first, second, third] = shares(await requests.next(12));
      lab.equal('share of the removed one', first, 0);
      lab.equal('whether both others are chosen', (second ?? 0) > 0 && (third ?? 0) > 0, true);
    },
  })),
  {
    ...common,
    id: 'scheduling/wrr-weight-edited',
    title: 'Weighted round robin goes by the weights of the moment',
    requirement: 'After weights were changed the shares of the next cycles are those of the new weights.',
    source: ['paper P6', 'ipvsadm(8) --edit-server'],
    tags: ['scheduling', 'wrr'],
    rules: service('wrr', [1, 2, 3]),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(4);
      await lab.configure(weigh(1, 4), weigh(2, 1), weigh(3, 1));
      // Within the cycle that the change falls into the shares are free.
      await requests.next(6);
      lab.equal('share of each server', shares(await requests.next(6)), [4, 1, 1, 0]);
    },
  },
  {
    ...common,
    id: 'scheduling/quiesced-connection',
    title: 'Connections of a server whose weight becomes 0 go on',
    requirement:
      'Weight 0 ends nothing: packets of connections that the table has go to their server, answers come back.',
    source: ['paper P12', 'ipvsadm(8) --weight', 'ipvs-cases D35'],
    tags: ['scheduling', 'connection'],
    rules: service('rr', [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      await requests.next(4);
      await lab.configure(weigh(1, 0));
      for (const flow of requests.of(1)) {
        await flow.serverSends('AS');
        await flow.clientSends('A');
        await flow.clientSends('AP', { payload: 'GET /' });
        await flow.serverSends('AP', { payload: 'and an answer' });
      }
      lab.equal('new connections', shares(await requests.next(3)), [0, 3, 0, 0]);
    },
  },
  ...(['lc', 'wlc'] as const).map((scheduler): Case => ({
    ...common,
    id: `scheduling/${scheduler}-after-ends`,
    title: `${scheduler}: the server whose connections ended gets the next ones`,
    requirement:
      "The scheduler follows the servers' load: connections that ended and left the table count no longer, and their server is the least loaded.",
    source: ['paper P6, P16', `ipvsadm(8) --scheduler ${scheduler}`],
    tags: ['scheduling', scheduler],
    needs: ['clock'],
    rules: service(scheduler, [1, 1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server', shares(await requests.next(9)), [3, 3, 3, 0]);
      for (const number of [1, 2, 3]) {
        for (const flow of requests.of(number)) {
          if (number === 2) {
            await closeWhole(flow);
          } else {
            await flow.serverSends('AS');
            await flow.clientSends('A');
          }
        }
      }
      await lab.wait(latestEnd(120));
      lab.equal('share of each server of three more', shares(await requests.next(3)), [0, 3, 0, 0]);
      lab.equal('share of each server of another three', shares(await requests.next(3)), [1, 1, 1, 0]);
    },
  })),
  {
    ...common,
    id: 'scheduling/wlc-weight-and-load',
    title: 'Weighted least connection weighs load by weight',
    requirement:
      'A server of weight 3 with two connections is less loaded than one of weight 1 with one: it gets the next connection.',
    source: ['paper P6', 'ipvsadm(8) --scheduler wlc'],
    tags: ['scheduling', 'wlc'],
    rules: service('wlc', [1, 1]),
    async script(lab) {
      const requests = new Requests(lab);
      lab.equal('share of each server', shares(await requests.next(2)), [1, 1, 0, 0]);
      await lab.configure(weigh(2, 3));
      // 1/1 against 1/3, then 1/1 against 2/3.
      lab.equal('the next two', await requests.next(2), [2, 2]);
    },
  },
  {
    ...common,
    id: 'scheduling/no-server',
    title: 'A request for a service without a server goes nowhere',
    requirement:
      'Where no server may be chosen the request is forwarded to nobody; once there is one the next request is.',
    source: ['paper P6', 'ipvs-cases D36'],
    tags: ['scheduling'],
    needs: ['nat'],
    rules: '-A -t 10.0.0.100:80 -s rr',
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }));
      // It may tell the client, by ICMP (RFC 792) or a reset.
      if (client.hasPacket) client.receives(ip({ source: vip, destination: client.address }));
      lab.nothingElse();
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1');
      await lab.flow({ port: 40001, servers: [lab.servers[0]] }).establish();
    },
  },
  ...ALL.map((scheduler): Case => ({
    ...common,
    id: `scheduling/all-quiesced-${scheduler}`,
    title: `${scheduler}: where all servers have weight 0 the client hears that the port is unreachable`,
    requirement:
      'Without a server that may be chosen the director answers the SYN with ICMP port unreachable from the virtual address, quotes it, and keeps no record.',
    source: ['ip_vs_core.c:ip_vs_leave', 'ipvs-cases D08, D36'],
    level: 'ipvs',
    tags: ['scheduling', scheduler],
    needs: ['connections'],
    rules: service(scheduler, [0, 0]),
    async script(lab) {
      const { client, vip } = lab;
      const syn = [ip({ destination: vip }), tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' })] as const;
      await client.sends(...syn);
      client.receives(
        ip({ source: vip, destination: client.address }),
        icmp({ type: 3, code: 3 }),
        { ...syn[0], ttl: 64, checksum: { any: true } },
        { ...syn[1], checksum: { any: true } },
      );
      lab.equal('connections', await lab.connections(), []);
      await lab.configure(weigh(1, 1), weigh(2, 1));
      await lab.flow().establish();
    },
  })),
];
