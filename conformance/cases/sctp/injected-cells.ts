import { SCTP_STATE } from '../../../reference/connections/sctp-states.ts';
import type { Case } from '../../harness/case.ts';
import { connectionOf } from '../connection-of.ts';
import { entry, FLAGS, message, tell } from '../sync/messages.ts';
import { Association } from './association.ts';
import { EVENTS, nextState, paths, STATES } from './tables.ts';

const FIRST_PORT = 43000;

/** Under VS/NAT packets lead everywhere; where the server's do not pass, the client's alone leave out the half of it. */
const REACHED = paths(['half']);
const UNREACHED = STATES.filter((state) => state.name !== 'NONE' && !REACHED.has(state));

export const cases: readonly Case[] = [
  {
    id: 'sctp/every-chunk-in-unreached-direct-route',
    title: 'VS/DR: what every chunk leads to from states that no packet leads to',
    requirement: `From ${UNREACHED.map(({ name }) => name).join(', ')}, where only another director can have brought an association, each chunk leads where the table says, and the timeout is that of the new state.`,
    source: ['ip_vs_proto_sctp.c:sctp_states', 'ip_vs_sync.c:ip_vs_proc_conn'],
    level: 'ipvs',
    tags: ['states', 'sctp', 'sync'],
    needs: ['connections'],
    // An INIT on a closed association is to move its state, not to begin another one.
    environment: { sysctls: { 'vs.conn_reuse_mode': '0' } },
    rules: `
      -A --sctp-service 10.0.0.100:90 -s rr
      -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:90 -g -w 1
      --start-daemon backup --mcast-interface server --syncid 3
    `,
    async script(lab) {
      const ends = { protocol: 132, virtualPort: 90, destinationPort: 90, flags: FLAGS['direct-route'], timeout: 500 };
      for (const [row, event] of EVENTS.entries()) {
        const port = (column: number): number => FIRST_PORT + row * STATES.length + column;
        const told = UNREACHED.map(({ name }, column) =>
          entry({ ...ends, clientPort: port(column), state: SCTP_STATE[name] }),
        );
        await tell(lab, message(told));
        for (const [column, state] of UNREACHED.entries()) {
          await new Association(lab, { port: port(column), method: 'direct-route' }).clientSends(event);
          const connection = await connectionOf(lab, port(column));
          const { name, timeout } = nextState('half', event, state);
          lab.equal(`state after ${event} in ${state.name}`, connection?.state, name);
          lab.within(`seconds left after ${event} in ${state.name}`, connection?.expires ?? -1, timeout - 2, timeout);
        }
      }
    },
  },
];
