import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { connectionOf } from '../connection-of.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
  -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
`;

const core = { level: 'core', tags: ['connections', 'reuse'], needs: [], rules } as const;

/** Ways of bringing a connection to a state. */
const NAT = {
  SYN_RECV: async (flow: Flow) => {
    await flow.clientSends('S');
  },
  ESTABLISHED: async (flow: Flow) => {
    await flow.establish();
  },
  FIN_WAIT: async (flow: Flow) => {
    await flow.establish();
    await flow.serverSends('AF');
  },
  CLOSE_WAIT: async (flow: Flow) => {
    await flow.establish();
    await flow.clientSends('AF');
  },
  TIME_WAIT: async (flow: Flow) => {
    await flow.establish();
    await flow.clientSends('AF');
    await flow.serverSends('AF');
  },
  CLOSE: async (flow: Flow) => {
    await flow.establish();
    await flow.clientSends('R');
  },
};

const HALF = {
  FIN_WAIT: NAT.CLOSE_WAIT,
  TIME_WAIT: async (flow: Flow) => {
    await flow.clientSends('S');
    await flow.clientSends('AF');
  },
  CLOSE: NAT.CLOSE,
};

/** Seconds, more than a tick of any kernel. */
const TICK = 0.1;

type Outcome = 'same server' | 'next server';

/** A SYN on a connection in each of the states; the server that gets it, by round robin of two where it is scheduled. */
function reuse(
  mode: string,
  method: 'nat' | 'direct-route',
  states: Readonly<Record<string, Outcome>>,
  text: Pick<Case, 'id' | 'title' | 'requirement' | 'source'>,
): Case {
  const ways: Readonly<Record<string, (flow: Flow) => Promise<void>>> = method === 'nat' ? NAT : HALF;
  return {
    ...text,
    level: 'ipvs',
    tags: ['connections', 'reuse', 'sysctl'],
    needs: ['connections', 'clock'],
    environment: { sysctls: { 'vs.conn_reuse_mode': mode } },
    rules: method === 'nat' ? rules : rules.replaceAll('-m ', '-g '),
    async script(lab) {
      let port = 40001;
      for (const [state, outcome] of Object.entries(states)) {
        const flow = lab.flow({ port, method });
        await ways[state]?.(flow);
        lab.equal('state before', (await connectionOf(lab, port))?.state, state);
        await synAgain(lab, flow, port, method, outcome);
        port++;
      }
      // A record that is ended goes with the next tick of the clock.
      await lab.wait(TICK);
      lab.equal(
        'states',
        (await lab.connections()).map((row) => row.state),
        // A SYN leads to SYN_RECV from every state but ESTABLISHED.
        Object.keys(states).map((state) => (state === 'ESTABLISHED' ? state : 'SYN_RECV')),
      );
    },
  };
}

async function synAgain(
  lab: Lab,
  former: Flow,
  port: number,
  method: 'nat' | 'direct-route',
  outcome: Outcome,
): Promise<void> {
  const again = lab.flow({ port, method });
  await again.clientSends('S', { sequence: 900_000 });
  lab.equal(
    `server of the SYN from port ${port}`,
    again.server === former.server ? 'same server' : 'next server',
    outcome,
  );
}

export const cases: readonly Case[] = [
  ...(['TIME_WAIT', 'CLOSE'] as const).map((state): Case => ({
    ...core,
    id: `connections/reopened-after-${state === 'CLOSE' ? 'reset' : 'close'}`,
    title: `A client may use the ports of a connection that ${state === 'CLOSE' ? 'was reset' : 'both sides closed'} at once`,
    requirement:
      'A SYN on a connection that has ended opens a new one: it goes to a server, and the packets that follow go to the same.',
    source: ['paper P12, P16', 'RFC 9293 §3.6.1', 'RFC 9293 §3.10.7.4'],
    async script(lab) {
      await NAT[state](lab.flow());
      const again = lab.flow();
      await again.establish();
      await again.clientSends('AP', { payload: 'GET /' });
      await again.serverSends('AP', { payload: 'an answer' });
      await again.clientSends('AF');
      await again.serverSends('AF');
    },
  })),
  reuse(
    '1',
    'nat',
    {
      SYN_RECV: 'same server',
      ESTABLISHED: 'same server',
      FIN_WAIT: 'same server',
      CLOSE_WAIT: 'same server',
      TIME_WAIT: 'next server',
      CLOSE: 'next server',
    },
    {
      id: 'connections/reuse-mode-1-nat',
      title: 'conn_reuse_mode 1, VS/NAT: a SYN in TIME_WAIT or CLOSE is scheduled anew',
      requirement:
        'A SYN on a connection that is over ends the record and is a new connection, with a server chosen for it; in all other states it goes to the server of the record.',
      source: ['ip_vs_core.c:is_new_conn_expected', 'ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases E19, E20'],
    },
  ),
  reuse(
    '0',
    'nat',
    { SYN_RECV: 'same server', CLOSE_WAIT: 'same server', TIME_WAIT: 'same server', CLOSE: 'same server' },
    {
      id: 'connections/reuse-mode-0-nat',
      title: 'conn_reuse_mode 0, VS/NAT: a SYN goes to the server of the record in every state',
      requirement: 'Without reuse a connection in TIME_WAIT or CLOSE is opened again, with its server.',
      source: ['ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases E20'],
    },
  ),
  reuse(
    '2',
    'nat',
    { FIN_WAIT: 'same server', CLOSE_WAIT: 'same server', TIME_WAIT: 'next server', CLOSE: 'next server' },
    {
      id: 'connections/reuse-mode-2-nat',
      title: 'conn_reuse_mode 2, VS/NAT: as mode 1',
      requirement:
        'Any mode but 0 schedules a SYN in TIME_WAIT or CLOSE anew; the second bit, FIN_WAIT, is for half connections only.',
      source: ['ip_vs_core.c:is_new_conn_expected', 'ipvs-cases E22'],
    },
  ),
  reuse(
    '1',
    'direct-route',
    { FIN_WAIT: 'same server', TIME_WAIT: 'next server', CLOSE: 'next server' },
    {
      id: 'connections/reuse-mode-1-half',
      title: 'conn_reuse_mode 1, VS/DR: a SYN in FIN_WAIT goes to the server of the record',
      requirement:
        'The director cannot know whether the server has closed as well: the half connection in FIN_WAIT is opened again with its server.',
      source: ['ip_vs_core.c:is_new_conn_expected', 'ipvs-cases C19, E23'],
    },
  ),
  ...['2', '3'].map((mode) =>
    reuse(
      mode,
      'direct-route',
      { FIN_WAIT: 'next server', TIME_WAIT: 'next server', CLOSE: 'next server' },
      {
        id: `connections/reuse-mode-${mode}-half`,
        title: `conn_reuse_mode ${mode}, VS/DR: a SYN in FIN_WAIT is scheduled anew`,
        requirement: 'The second bit of the mode makes FIN_WAIT of a half connection an end like TIME_WAIT.',
        source: ['ip_vs_core.c:is_new_conn_expected', 'ipvs-cases E24'],
      },
    ),
  ),
  {
    ...core,
    id: 'connections/reuse-counts',
    title: 'A connection that is scheduled anew counts once, at its new server',
    requirement: 'The record that a SYN ends is taken out of the counts of its server.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ip_vs_conn.c:ip_vs_conn_expire_now'],
    level: 'ipvs',
    needs: ['services', 'clock'],
    async script(lab) {
      const flow = lab.flow();
      await NAT.TIME_WAIT(flow);
      const counts = async () =>
        (await lab.services()).flatMap(({ servers }) =>
          servers.map(({ address, active, inactive }) => [address, active, inactive]),
        );
      lab.equal('active and inactive', await counts(), [
        ['192.168.1.12:80', 0, 1],
        ['192.168.1.11:80', 0, 0],
      ]);
      await lab.flow().clientSends('S');
      await lab.wait(TICK);
      lab.equal('active and inactive after the SYN', await counts(), [
        ['192.168.1.12:80', 0, 0],
        ['192.168.1.11:80', 1, 0],
      ]);
    },
  },
  {
    ...core,
    id: 'connections/reuse-load',
    title: 'The record that a SYN ends is load still when the new server is chosen',
    requirement:
      'The record ends with the next tick of the clock, after the choice: least connection avoids its server where the others have nothing.',
    source: ['ip_vs_conn.c:ip_vs_conn_expire_now', 'ip_vs_core.c:ip_vs_in_hook'],
    level: 'ipvs',
    rules: rules.replace('-s rr', '-s lc'),
    async script(lab) {
      const [first, second] = lab.servers;
      const flow = lab.flow({ servers: [second] });
      await NAT.TIME_WAIT(flow);
      await lab.flow({ servers: [first] }).clientSends('S');
    },
  },
];
