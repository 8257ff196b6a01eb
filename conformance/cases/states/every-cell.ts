import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { SECURE_HALF_STATES, SECURE_NAT_STATES } from './secure-tables.ts';
import { Segments } from './segments.ts';
import {
  HALF_STATES,
  KERNEL_TIMEOUTS,
  LISTEN_STATE,
  NAT_STATES,
  type NextStates,
  type ReachableState,
  type Segment,
} from './tables.ts';

const FLAGS: readonly (readonly [Segment, string])[] = [
  ['SYN', 'S'],
  ['FIN', 'F'],
  ['ACK', 'A'],
  ['RST', 'R'],
  ['nothing', ''],
];

const METHODS = { nat: { title: 'VS/NAT', option: '-m' }, 'direct-route': { title: 'VS/DR', option: '-g' } } as const;
type Method = keyof typeof METHODS;

/** One connection for each segment that may come next, from ports of their own. */
const FIRST_PORT = 41000;

/** `client's SYN → SYN_RECV, FIN → …`. */
function told(side: string, { SYN, FIN, ACK, RST, nothing }: NextStates): string {
  return `the ${side}'s SYN leads to ${SYN}, FIN to ${FIN}, ACK to ${ACK}, RST to ${RST}, a segment without flags to ${nothing}`;
}

function requirementOf({ state, client, server }: Pick<ReachableState, 'state' | 'client' | 'server'>): string {
  const sides = [told('client', client), ...(server === undefined ? [] : [told('server', server)])];
  return `In ${state} ${sides.join('; ')}. The new state's timeout begins anew.`;
}

/** Makes a record of a connection that no segment has passed on yet: the kernel schedules an ICMP error about it. */
async function recordByIcmp(lab: Lab, port: number, method: Method): Promise<void> {
  const { client, vip, servers } = lab;
  const [server] = servers;
  const quote = [
    ip({ source: vip, destination: client.address }),
    tcp({ sourcePort: 80, destinationPort: port, flags: 'A' }),
  ];
  await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 1 }), ...quote);
  server.receives(
    ip({ source: client.address, destination: method === 'nat' ? server.address : vip, ttl: 63 }),
    icmp({ type: 3, code: 1 }),
  );
}

async function stateAndTimeout(lab: Lab, port: number, what: string, state: string): Promise<void> {
  const row = await connectionOf(lab, port);
  lab.equal(`state after ${what}`, row?.state, state);
  const timeout = KERNEL_TIMEOUTS[state] ?? 0;
  lab.within(`seconds left after ${what}`, row?.expires ?? -1, timeout - 2, timeout);
}

async function everyNext(
  lab: Lab,
  { state, client, server }: Pick<ReachableState, 'state' | 'client' | 'server'>,
  lead: (port: number) => Promise<Segments>,
): Promise<void> {
  let port = FIRST_PORT;
  for (const [side, next] of Object.entries({ client, server })) {
    if (next === undefined) continue;
    for (const [segment, flags] of FLAGS) {
      const connection = await lead(port);
      lab.equal('state before', (await connectionOf(lab, port))?.state, state);
      if (side === 'client') await connection.clientSends(flags);
      else await connection.serverSends(flags);
      await stateAndTimeout(lab, port, `${segment} of the ${side} in ${state}`, next[segment]);
      port++;
    }
  }
}

/** Whose tables: the usual ones, or those of `secure_tcp`, which take effect within a second. */
const MODES = {
  usual: { infix: '', words: '', table: 'tcp_states', sysctls: {}, wait: 0 },
  secure: {
    infix: 'secure-',
    words: ' with secure_tcp',
    table: 'tcp_states_dos',
    sysctls: { 'vs.secure_tcp': '3' },
    wait: 1.5,
  },
} as const;

function caseOf(reachable: ReachableState, method: Method, mode: keyof typeof MODES = 'usual'): Case {
  const { state, path } = reachable;
  const { title, option } = METHODS[method];
  const { infix, words, table, sysctls, wait } = MODES[mode];
  return {
    id: `states/${infix}every-segment-in-${state.toLowerCase().replaceAll('_', '-')}-${method}`,
    title: `${title}: what every segment leads to from ${state}${words}`,
    requirement: requirementOf(reachable),
    source: [
      method === 'nat' ? 'paper P14' : 'paper P26, P33',
      `ip_vs_proto_tcp.c:${table}`,
      'ip_vs_proto_tcp.c:tcp_timeouts',
      'ipvs-cases C24',
    ],
    level: 'ipvs',
    tags: ['states', 'tcp'],
    needs: ['connections'],
    // A SYN on a finished connection is to move its state, not to begin another one (see connections/reuse.ts).
    environment: {
      sysctls: { 'vs.conn_reuse_mode': '0', ...sysctls, ...(path.length === 0 ? { 'vs.schedule_icmp': '1' } : {}) },
    },
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
    `,
    async script(lab) {
      if (wait > 0) await lab.wait(wait);
      await everyNext(lab, reachable, async (port) => {
        const connection = new Segments(lab, { port, method });
        if (path.length === 0) await recordByIcmp(lab, port, method);
        for (const [side, flags] of path) {
          if (side === 'client') await connection.clientSends(flags);
          else await connection.serverSends(flags);
        }
        return connection;
      });
    },
  };
}

const listen: Case = {
  id: 'states/every-segment-in-listen-nat',
  title: 'VS/NAT: what every segment leads to from LISTEN',
  requirement: requirementOf(LISTEN_STATE),
  source: ['paper P14', 'ip_vs_proto_tcp.c:tcp_states', 'ip_vs_ftp.c:ip_vs_ftp_in', 'ipvs-cases C16'],
  level: 'ipvs',
  tags: ['states', 'tcp', 'ftp'],
  needs: ['connections', 'application.ftp'],
  rules: `
    -A -t 10.0.0.100:21 -s rr
    -a -t 10.0.0.100:21 -r 192.168.1.11:21 -m -w 1
  `,
  async script(lab) {
    const control = lab.flow({ virtualPort: 21, servers: [lab.servers[0]] });
    await control.establish();
    await everyNext(lab, LISTEN_STATE, async (port) => {
      await control.clientSends('AP', { payload: `PORT 10,0,0,2,${port >> 8},${port & 0xff}\r\n` });
      return new Segments(lab, { port, virtualPort: 20 });
    });
  },
};

export const cases: readonly Case[] = [
  ...NAT_STATES.map((reachable) => caseOf(reachable, 'nat')),
  ...HALF_STATES.map((reachable) => caseOf(reachable, 'direct-route')),
  listen,
  ...SECURE_NAT_STATES.map((reachable) => caseOf(reachable, 'nat', 'secure')),
  ...SECURE_HALF_STATES.map((reachable) => caseOf(reachable, 'direct-route', 'secure')),
];
