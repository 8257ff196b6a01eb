import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, sctp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { Association } from './association.ts';
import { EVENTS, nextState, paths, STATES, type Side, type State, type Step } from './tables.ts';

const METHODS = {
  nat: { title: 'VS/NAT', option: '-m', sides: ['client', 'server'] },
  'direct-route': { title: 'VS/DR', option: '-g', sides: ['half'] },
} as const satisfies Record<string, { title: string; option: string; sides: readonly Side[] }>;

type Method = keyof typeof METHODS;

const FIRST_PORT = 41000;

/** Makes a record that no packet has passed on yet: the kernel schedules an ICMP error about it. */
async function recordByIcmp({ client, vip, servers }: Lab, port: number): Promise<void> {
  const quote = [ip({ source: vip, destination: client.address }), sctp({ sourcePort: 90, destinationPort: port })];
  await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 1 }), ...quote);
  servers[0].receives(ip({ source: client.address, ttl: 63 }), icmp({ type: 3, code: 1 }));
}

function caseOf(state: State, path: readonly Step[], method: Method): Case {
  const { title, option, sides } = METHODS[method];
  const next = sides.map((side) =>
    EVENTS.map((event) => `${event} → ${nextState(side, event, state).name}`).join(', '),
  );
  return {
    id: `sctp/every-chunk-in-${state.name.toLowerCase()}-${method}`,
    title: `${title}: what every chunk leads to from ${state.name}`,
    requirement: `In ${state.name} ${sides.map((side, index) => `of the ${side === 'server' ? 'server' : 'client'}: ${next[index] ?? ''}`).join('; ')}. The new state's timeout begins anew.`,
    source: ['ip_vs_proto_sctp.c:sctp_states', 'ip_vs_proto_sctp.c:sctp_timeouts'],
    level: 'ipvs',
    tags: ['states', 'sctp'],
    needs: ['connections'],
    // An INIT on a closed association is to move its state, not to begin another one.
    environment: { sysctls: { 'vs.conn_reuse_mode': '0', ...(path.length === 0 ? { 'vs.schedule_icmp': '1' } : {}) } },
    rules: `
      -A --sctp-service 10.0.0.100:90 -s rr
      -a --sctp-service 10.0.0.100:90 -r 192.168.1.11:90 ${option} -w 1
    `,
    async script(lab) {
      let port = FIRST_PORT;
      for (const side of sides) {
        for (const event of EVENTS) {
          const association = new Association(lab, { port, method });
          if (path.length === 0) await recordByIcmp(lab, port);
          for (const [from, name] of [...path, [side, event] as const]) {
            if (from === 'server') await association.serverSends(name);
            else await association.clientSends(name);
          }
          const row = await connectionOf(lab, port);
          const { name, timeout } = nextState(side, event, state);
          lab.equal(`state after ${event} of the ${side}`, row?.state, name);
          lab.within(`seconds left after ${event} of the ${side}`, row?.expires ?? -1, timeout - 2, timeout);
          port += 1;
        }
      }
    },
  };
}

export const cases: readonly Case[] = (['nat', 'direct-route'] as const).flatMap((method) => [
  caseOf(STATES[0], [], method),
  ...[...paths(METHODS[method].sides)].map(([state, path]) => caseOf(state, path, method)),
]);
