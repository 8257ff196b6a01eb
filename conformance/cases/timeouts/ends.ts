import type { Case } from '../../harness/case.ts';
import type { Flow } from '../../harness/flow.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { latestEnd, livesFor } from './lifetime.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { tags: ['timeouts', 'tcp'], needs: ['clock'], rules } as const;

/** The ways in which a reset ends a connection. */
const RESETS: readonly {
  readonly name: string;
  readonly told: string;
  readonly reset: (flow: Flow) => Promise<unknown>;
}[] = [
  {
    name: 'by-client',
    told: 'the client resets',
    async reset(flow) {
      await flow.establish();
      await flow.clientSends('R');
    },
  },
  {
    name: 'by-server',
    told: 'the server resets',
    async reset(flow) {
      await flow.establish();
      await flow.serverSends('R');
    },
  },
  {
    name: 'refused',
    told: 'the server refuses',
    async reset(flow) {
      await flow.clientSends('S');
      await flow.serverSends('AR');
    },
  },
];

export const cases: readonly Case[] = [
  ...RESETS.map(({ name, told, reset }): Case => ({
    ...common,
    id: `timeouts/reset-${name}`,
    title: `A connection that ${told} is forgotten long before an open one would be`,
    requirement:
      'When a connection ends it is removed: after a reset within the minute of a closed connection at the latest.',
    source: ['paper P15, P16', 'RFC 9293 §3.10.7.4'],
    level: 'core',
    async script(lab) {
      const open = lab.flow({ port: 40002 });
      await open.establish();
      const flow = lab.flow();
      await reset(flow);
      await lab.wait(latestEnd(60));
      const { client, vip } = lab;
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, acknowledgement: 7000, flags: 'A' }),
      );
      flow.server.receivesNothing();
      if (client.hasPacket) client.receives(ip({ source: vip }), tcp({ flags: 'R', sequence: 7000 }));
      await open.clientSends('AP', { payload: 'an open one is known' });
    },
  })),
  ...RESETS.map(({ name, told, reset }): Case => ({
    ...common,
    id: `timeouts/close-${name}`,
    title: `A connection that ${told} is known for 10 seconds more`,
    requirement: 'CLOSE lasts 10 seconds from the last packet.',
    source: ['ip_vs_proto_tcp.c:tcp_timeouts', 'ip_vs_conn.c:ip_vs_conn_expire', 'ipvs-cases C08, C09, C28'],
    level: 'ipvs',
    async script(lab) {
      await livesFor(lab, {
        seconds: 10,
        async open(port) {
          const flow = lab.flow({ port });
          await reset(flow);
          return flow;
        },
      });
    },
  })),
  {
    ...common,
    id: 'timeouts/close-half-connection',
    title: 'VS/DR: a connection that the client resets is known for 10 seconds more',
    requirement: 'CLOSE lasts 10 seconds from the last packet, of a half connection too.',
    source: ['ip_vs_proto_tcp.c:tcp_timeouts', 'ipvs-cases C17, C28'],
    level: 'ipvs',
    rules: rules.replaceAll('-m ', '-g '),
    async script(lab) {
      await livesFor(lab, {
        seconds: 10,
        async open(port) {
          const flow = lab.flow({ port, method: 'direct-route' });
          await flow.establish();
          await flow.clientSends('R');
          return flow;
        },
      });
    },
  },
  {
    ...common,
    id: 'timeouts/record-of-an-error',
    title: 'A connection that an ICMP error made lasts three seconds unless a segment comes',
    requirement:
      'A record that no segment has passed on is in state NONE for 3 seconds; a segment gives it a state and its timeout.',
    source: ['ip_vs_conn.c:ip_vs_conn_new', 'ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F17'],
    level: 'ipvs',
    tags: ['timeouts', 'tcp', 'icmp', 'sysctl'],
    needs: ['clock', 'connections'],
    environment: { sysctls: { 'vs.schedule_icmp': '1' } },
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      for (const port of [40001, 40002]) {
        await client.sends(
          ip({ destination: vip }),
          icmp({ type: 3, code: 1 }),
          ip({ source: vip, destination: client.address }),
          tcp({ sourcePort: 80, destinationPort: port, flags: 'A' }),
        );
        server.receives(ip({ source: client.address, destination: server.address }), icmp({ type: 3, code: 1 }));
        const row = await connectionOf(lab, port);
        lab.equal('state', row?.state, 'NONE');
        lab.within('seconds left', row?.expires ?? -1, 1, 3);
      }
      await lab.flow({ port: 40002 }).clientSends('S');
      await lab.wait(latestEnd(3));
      lab.equal('connection without a segment', await connectionOf(lab, 40001), undefined);
      lab.equal('state of the other', (await connectionOf(lab, 40002))?.state, 'SYN_RECV');
    },
  },
];
