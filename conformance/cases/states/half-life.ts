import type { Case } from '../../harness/case.ts';
import { stateIs } from '../connection-of.ts';

const METHODS = {
  tunnel: { name: 'VS/TUN', option: '-i', source: 'paper P26' },
  'direct-route': { name: 'VS/DR', option: '-g', source: 'paper P33' },
} as const;

/** The half-connection machine: the director sees the client's segments only. */
function casesOf(method: keyof typeof METHODS): readonly Case[] {
  const { name, option, source } = METHODS[method];
  const rules = `
    -A -t 10.0.0.100:80 -s rr
    -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
  `;
  const common = { level: 'core', tags: ['states', 'tcp', method], needs: ['connections'], rules } as const;
  return [
    {
      ...common,
      id: `states/${method}-life`,
      title: `${name}: SYN_RECV, ESTABLISHED, FIN_WAIT from the client's segments alone`,
      requirement:
        "The director sees half of each connection: the client's SYN, its first acknowledgement and its FIN lead from state to state, and after the FIN its acknowledgements lead nowhere.",
      source: [source, 'ipvs-cases C17, C20'],
      async script(lab) {
        const flow = lab.flow({ method });
        await flow.clientSends('S');
        await stateIs(lab, 'SYN_RECV');
        await flow.clientSends('S', { sequence: 1000 });
        await stateIs(lab, 'SYN_RECV');
        await flow.clientSends('A');
        await stateIs(lab, 'ESTABLISHED');
        await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
        await stateIs(lab, 'ESTABLISHED');
        await flow.clientSends('AF');
        await stateIs(lab, 'FIN_WAIT');
        await flow.clientSends('A');
        await flow.clientSends('AF', { sequence: 1019 });
        await stateIs(lab, 'FIN_WAIT');
      },
    },
    {
      ...common,
      id: `states/${method}-reset`,
      title: `${name}: the client's reset closes a connection`,
      requirement: "The client's reset ends the connection, established or closing.",
      source: [source, 'RFC 9293 §3.10.7.4', 'ipvs-cases C17'],
      async script(lab) {
        const one = lab.flow({ method });
        await one.establish();
        await one.clientSends('R');
        await stateIs(lab, 'CLOSE');
        const other = lab.flow({ method, port: 40002 });
        await other.establish();
        await other.clientSends('AF');
        await other.clientSends('R');
        await stateIs(lab, 'CLOSE', 40002);
      },
    },
    {
      ...common,
      id: `states/${method}-fin-in-syn-recv`,
      title: `${name}: a FIN in SYN_RECV leads to FIN_WAIT`,
      requirement:
        "The half-connection machine has three states: a FIN leads to the last of them, before the client's acknowledgement too.",
      source: [source, 'ip_vs_proto_tcp.c:tcp_states'],
      async script(lab) {
        const flow = lab.flow({ method });
        await flow.clientSends('S');
        await flow.clientSends('AF');
        await stateIs(lab, { required: 'FIN_WAIT', deviates: 'TIME_WAIT', deviation: 'fin-in-syn-recv' });
      },
    },
  ];
}

export const cases: readonly Case[] = [
  ...casesOf('tunnel'),
  ...casesOf('direct-route'),
  {
    id: 'states/whole-and-half',
    title: "Each connection has the machine of its own server's method",
    requirement:
      "VS/TUN and VS/DR have a state machine other than VS/NAT's, also among servers of one service: the client's FIN waits for the server's in one, and is all there is to see in the others.",
    source: ['paper P14, P26, P33'],
    level: 'core',
    tags: ['states', 'tcp', 'nat', 'tunnel', 'direct-route'],
    needs: ['connections'],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -A -t 10.0.0.100:81 -s rr
      -a -t 10.0.0.100:81 -r 192.168.1.12:81 -i -w 1
      -A -t 10.0.0.100:82 -s rr
      -a -t 10.0.0.100:82 -r 192.168.1.13:82 -g -w 1
    `,
    async script(lab) {
      const [first, second, third] = lab.servers;
      const whole = lab.flow({ port: 40001, servers: [first] });
      const tunnelled = lab.flow({ port: 40002, virtualPort: 81, method: 'tunnel', servers: [second] });
      const direct = lab.flow({ port: 40003, virtualPort: 82, method: 'direct-route', servers: [third] });
      for (const flow of [whole, tunnelled, direct]) {
        await flow.establish();
        await flow.clientSends('AF');
      }
      await stateIs(lab, 'CLOSE_WAIT', 40001);
      await stateIs(lab, 'FIN_WAIT', 40002);
      await stateIs(lab, 'FIN_WAIT', 40003);
    },
  },
];
