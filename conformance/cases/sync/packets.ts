import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { fromHex } from '../../../reference/wire/hex.ts';
import { entry, FLAGS, isTold, message, STATE } from './messages.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m
  --start-daemon master --mcast-interface server --syncid 3
`;

const common = { level: 'ipvs', tags: ['sync', 'master'], needs: [], rules } as const;

/** Seconds after which a message has left for sure: two, and one until the daemon looks (ip_vs_sync.c:next_sync_buff). */
const SENT = 3;

/** What Linux 6.1.176 sent about the connection of these cases. */
const RECORDED = '0003002c01010000000600240000000000019c410050005000000000000003840a0000020a000064c0a8010b';

/** An established flow, two of whose client's packets have passed. */
async function established(lab: Lab, port = 40001): Promise<Flow> {
  const flow = lab.flow({ port, servers: [lab.servers[0]] });
  await flow.establish();
  return flow;
}

async function clientSendsData(flow: Flow, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await flow.clientSends('AP', { payload: 'x' });
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'sync/third-packet',
    title: 'A connection is told with the third packet of its client, not before',
    requirement:
      'The master tells of an established connection when the count of its client’s packets reaches sync_threshold, 3: no message after two packets, one after the third, within three seconds.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'ipvs-cases I08'],
    needs: ['clock'],
    async script(lab) {
      const flow = await established(lab);
      await flow.serverSends('AP', { payload: 'welcome' });
      await flow.serverSends('AP', { payload: 'to the service' });
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, fromHex(RECORDED, 'recording'));
    },
  },
  {
    ...common,
    id: 'sync/two-seconds',
    title: 'A message that is not full waits for two seconds, for others to join it',
    requirement:
      'An entry waits in its message until that is two seconds old; what is told meanwhile goes in the same message.',
    source: ['ip_vs_sync.c:next_sync_buff', 'ip_vs.h:IPVS_SYNC_FLUSH_TIME'],
    needs: ['clock'],
    async script(lab) {
      const first = await established(lab);
      const second = await established(lab, 40002);
      await clientSendsData(first, 1);
      await lab.wait(1.5);
      lab.peer.receivesNothing();
      await clientSendsData(second, 1);
      await lab.wait(1.5);
      isTold(lab, message([entry(), entry({ clientPort: 40002 })]));
    },
  },
  {
    ...common,
    id: 'sync/every-fiftieth',
    title: 'An established connection is told again with every fiftieth packet of its client',
    requirement:
      'With the default sync_threshold of 3 50 a connection is told at its client’s packets 3, 53, 103 and at none between.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'harnesses.md 39'],
    needs: ['clock'],
    async script(lab) {
      const flow = await established(lab);
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
      await clientSendsData(flow, 49);
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
    },
  },
  {
    ...common,
    id: 'sync/threshold-and-period',
    title: 'sync_threshold says at which packet and how often',
    requirement:
      'A connection is told where the count of its client’s packets leaves the threshold when divided by the period: with 4 5 at 4, 9 and 14.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    environment: { sysctls: { 'vs.sync_threshold': '4 5' } },
    needs: ['clock'],
    async script(lab) {
      const flow = await established(lab);
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      for (let round = 0; round < 3; round++) {
        await clientSendsData(flow, 1);
        await lab.wait(SENT);
        isTold(lab, message([entry()]));
        await clientSendsData(flow, 4);
        await lab.wait(SENT);
        lab.peer.receivesNothing();
      }
    },
  },
  {
    ...common,
    id: 'sync/period-zero',
    title: 'With a period of 0 a connection is told once, and when it closes',
    requirement: 'Where the second number of sync_threshold is 0, packets beyond the threshold are no reason to tell.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    environment: { sysctls: { 'vs.sync_threshold': '3 0' } },
    needs: ['clock'],
    async script(lab) {
      const flow = await established(lab);
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
      await clientSendsData(flow, 60);
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends('AF');
      await lab.wait(SENT);
      isTold(lab, message([entry({ flags: FLAGS.inactive, state: STATE.CLOSE_WAIT, timeout: 60 })]));
    },
  },
  {
    ...common,
    id: 'sync/closing-at-once',
    title: 'A connection that closes is told with the packet that closes it',
    requirement:
      'A client’s packet that finds the connection in FIN_WAIT, CLOSE_WAIT, TIME_WAIT or CLOSE, and other directors told another state, is reason enough.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed', 'ip_vs_core.c:ip_vs_in_hook'],
    needs: ['clock'],
    async script(lab) {
      const inactive = { flags: FLAGS.inactive };
      const flow = await established(lab);
      await flow.clientSends('AF');
      await lab.wait(SENT);
      isTold(lab, message([entry({ ...inactive, state: STATE.CLOSE_WAIT, timeout: 60 })]));
      await flow.clientSends('A');
      await flow.serverSends('AF');
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends('A');
      await lab.wait(SENT);
      isTold(lab, message([entry({ ...inactive, state: STATE.TIME_WAIT, timeout: 120 })]));
      await flow.clientSends('R');
      await lab.wait(SENT);
      isTold(lab, message([entry({ ...inactive, state: STATE.CLOSE, timeout: 10 })]));
    },
  },
  {
    ...common,
    id: 'sync/server-closes',
    title: 'FIN_WAIT is told with the client’s next packet, as only clients’ packets are looked at',
    requirement: 'What a server sends changes the state, but no packet of a server is reason to tell.',
    source: ['ip_vs_core.c:handle_response', 'ip_vs_core.c:ip_vs_in_hook'],
    needs: ['clock'],
    async script(lab) {
      const flow = await established(lab);
      await flow.serverSends('AF');
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends('A');
      await lab.wait(SENT);
      isTold(lab, message([entry({ flags: FLAGS.inactive, state: STATE.FIN_WAIT, timeout: 120 })]));
    },
  },
  {
    ...common,
    id: 'sync/half-open',
    title: 'A half-open connection is not told, however many packets it has',
    requirement: 'In SYN_RECV nothing is told: another director would have nothing to go on with.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    environment: { sysctls: { 'vs.sync_threshold': '1 2' } },
    needs: ['clock'],
    async script(lab) {
      const flow = lab.flow({ servers: [lab.servers[0]] });
      for (let time = 0; time < 3; time++) await flow.clientSends('S', { sequence: 1000 });
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.serverSends('AS');
      await flow.clientSends('A');
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, message([entry()]));
    },
  },
  {
    ...common,
    id: 'sync/udp',
    title: 'UDP is told by its packets alone',
    requirement: 'A connection of a protocol with one state is told at the threshold.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn_needed'],
    rules: rules.replaceAll('-t ', '-u '),
    needs: ['clock'],
    async script(lab) {
      const flow = lab.flow({ protocol: 'udp', servers: [lab.servers[0]] });
      await flow.clientSends();
      await flow.clientSends();
      await lab.wait(SENT);
      lab.peer.receivesNothing();
      await flow.clientSends();
      await lab.wait(SENT);
      isTold(lab, message([entry({ protocol: 17, flags: FLAGS.inactive, state: 0, timeout: 300 })]));
    },
  },
  ...(['tunnel', 'direct-route'] as const).map((method): Case => ({
    ...common,
    id: `sync/flags-${method}`,
    title: `The flags say that the connection is one of ${method === 'tunnel' ? 'VS/TUN' : 'VS/DR'}, half of which is seen`,
    requirement: 'A message has the connection’s method, and that no reply was seen, in its flags.',
    source: ['ip_vs_sync.c:ip_vs_sync_conn', 'ip_vs.h:IP_VS_CONN_F_FWD_MASK'],
    rules: rules.replace('-m', method === 'tunnel' ? '-i' : '-g'),
    async script(lab) {
      const flow = lab.flow({ method, servers: [lab.servers[0]] });
      await flow.establish();
      await clientSendsData(flow, 1);
      await lab.wait(SENT);
      isTold(lab, message([entry({ flags: FLAGS[method] })]));
    },
  })),
];
