import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { Segments } from '../states/segments.ts';
import { latestEnd } from '../timeouts/lifetime.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { level: 'ipvs', tags: ['connections', 'counts'], needs: ['services'], rules } as const;

/** Fails unless the listing shows these numbers of active and inactive connections at server 1 (or another one). */
async function counted(
  lab: Lab,
  when: string,
  active: number,
  inactive: number,
  server = lab.servers[0],
): Promise<void> {
  const rows = (await lab.services()).flatMap(({ servers }) => servers);
  const row = rows.find(({ address }) => address === `${server.address}:80`);
  const counts = row === undefined ? undefined : [row.active, row.inactive];
  lab.equal(`active and inactive connections of ${server.name} ${when}`, counts, [active, inactive]);
}

/** ActiveConn and InactConn of each server, as `ipvsadm -L` shows them; lc and wlc decide by them. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'connections/counts-nat',
    title: 'VS/NAT: a connection is active from its SYN to its first FIN',
    requirement:
      'SYN_RECV and ESTABLISHED count as active, CLOSE_WAIT and TIME_WAIT as inactive, and a connection that has left the table as nothing.',
    source: ['paper P6, P12, P16', 'ip_vs_proto_tcp.c:tcp_state_active_table', 'ip_vs_proto_tcp.c:set_tcp_state'],
    needs: ['services', 'clock'],
    async script(lab) {
      const flow = lab.flow();
      await counted(lab, 'before', 0, 0);
      await flow.clientSends('S');
      await counted(lab, 'after the SYN', 1, 0);
      await flow.serverSends('AS');
      await flow.clientSends('A');
      await counted(lab, 'when established', 1, 0);
      await flow.clientSends('AF');
      await counted(lab, "after the client's FIN", 0, 1);
      await flow.serverSends('AF');
      await flow.clientSends('A');
      await counted(lab, 'after both FINs', 0, 1);
      await lab.wait(latestEnd(120));
      await counted(lab, 'when it is gone', 0, 0);
    },
  },
  {
    ...common,
    id: 'connections/counts-server-closes',
    title: 'VS/NAT: FIN_WAIT is inactive',
    requirement: "A connection is inactive from the server's FIN on, whatever the client still sends.",
    source: ['ip_vs_proto_tcp.c:tcp_state_active_table'],
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await flow.serverSends('AF');
      await counted(lab, "after the server's FIN", 0, 1);
      await flow.clientSends('AP', { payload: 'the rest' });
      await counted(lab, 'after data of the client', 0, 1);
      await flow.clientSends('AF');
      await counted(lab, 'after both FINs', 0, 1);
    },
  },
  ...(['tunnel', 'direct-route'] as const).map((method): Case => ({
    ...common,
    id: `connections/counts-${method}`,
    title: `${method === 'tunnel' ? 'VS/TUN' : 'VS/DR'}: a half connection is active from its SYN to the client's FIN`,
    requirement:
      'SYN_RECV and ESTABLISHED count as active, FIN_WAIT as inactive, and a connection that has left the table as nothing.',
    source: ['paper P6, P26, P33', 'ip_vs_proto_tcp.c:tcp_state_active_table'],
    needs: ['services', 'clock'],
    rules: rules.replaceAll('-m ', method === 'tunnel' ? '-i ' : '-g '),
    async script(lab) {
      const flow = lab.flow({ method });
      await flow.clientSends('S');
      await counted(lab, 'after the SYN', 1, 0);
      await flow.clientSends('A');
      await counted(lab, 'when established', 1, 0);
      await flow.clientSends('AF');
      await counted(lab, "after the client's FIN", 0, 1);
      await lab.wait(latestEnd(120));
      await counted(lab, 'when it is gone', 0, 0);
    },
  })),
  {
    ...common,
    id: 'connections/counts-active-times-out',
    title: 'A connection that times out while it is active is taken out of the active ones',
    requirement: 'A half-open and an established connection are given back to the active count when they time out.',
    source: ['paper P16', 'ip_vs_conn.c:ip_vs_unbind_dest'],
    needs: ['services', 'clock'],
    async script(lab) {
      await lab.flow({ port: 40001 }).clientSends('S');
      await lab.flow({ port: 40002 }).establish();
      await counted(lab, 'of two connections', 2, 0);
      await lab.wait(latestEnd(60));
      await counted(lab, 'when the half-open one is gone', 1, 0);
      await lab.wait(latestEnd(900) - latestEnd(60));
      await counted(lab, 'when both are gone', 0, 0);
    },
  },
  {
    ...common,
    id: 'connections/counts-reset',
    title: 'A reset connection is inactive, and active once more when it is opened again',
    requirement: 'CLOSE counts as inactive; SYN_SENT, which a SYN of the server leads to from there, as active.',
    source: ['ip_vs_proto_tcp.c:tcp_state_active_table', 'ipvs-cases C08, C13, C14'],
    async script(lab) {
      const connection = new Segments(lab, { port: 40001 });
      await connection.clientSends('S');
      await connection.serverSends('AR');
      await counted(lab, 'after the reset', 0, 1);
      await connection.serverSends('S');
      await counted(lab, "after the server's SYN", 1, 0);
      await connection.clientSends('S');
      await counted(lab, "after the client's SYN", 1, 0);
      await connection.clientSends('R');
      await counted(lab, "after the client's reset", 0, 1);
    },
  },
  {
    ...common,
    id: 'connections/counts-udp',
    title: 'UDP connections are inactive all their life',
    requirement: 'A UDP connection counts as inactive whoever sends, and as nothing when it has timed out.',
    source: ['ip_vs_proto_udp.c:udp_state_transition', 'ip_vs_conn.c:ip_vs_bind_dest'],
    needs: ['services', 'clock'],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const flow = lab.flow({ protocol: 'udp' });
      await flow.clientSends();
      await counted(lab, 'after a datagram', 0, 1);
      await flow.serverSends();
      await flow.clientSends();
      await counted(lab, 'after an answer', 0, 1);
      await lab.flow({ protocol: 'udp', port: 40002 }).clientSends();
      await counted(lab, 'of two clients', 0, 2);
      await lab.wait(latestEnd(300));
      await counted(lab, 'when they are gone', 0, 0);
    },
  },
  {
    ...common,
    id: 'connections/counts-each-server',
    title: 'Each server has counts of its own',
    requirement: 'A connection counts at the server that it was given to.',
    source: ['ip_vs_conn.c:ip_vs_bind_dest'],
    rules: `${rules}
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
    `,
    async script(lab) {
      const [first, second] = lab.servers;
      const flows = [40001, 40002, 40003].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      lab.equal(
        'servers chosen',
        flows.map(({ server }) => server.name),
        [second.name, first.name, second.name],
      );
      await counted(lab, 'of three connections', 1, 0, first);
      await counted(lab, 'of three connections', 2, 0, second);
      await flows[0]?.clientSends('AF');
      await counted(lab, 'after a FIN at the other', 1, 0, first);
      await counted(lab, 'after a FIN', 1, 1, second);
    },
  },
  {
    ...common,
    id: 'connections/counts-server-returns',
    title: 'A server that is removed and added again has its counts back',
    requirement:
      'The record of a removed server is kept while connections refer to it: added again, it has them and serves them.',
    source: ['ip_vs_ctl.c:ip_vs_trash_get_dest', 'ipvs-cases E11, E13'],
    rules: `${rules}
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
    `,
    async script(lab) {
      const [first, second] = lab.servers;
      const flows = [40001, 40002, 40003].map((port) => lab.flow({ port }));
      for (const flow of flows) await flow.establish();
      await flows[1]?.clientSends('AF');
      await counted(lab, 'before', 0, 1, first);
      await counted(lab, 'before', 2, 0, second);
      await lab.configure('-d -t 10.0.0.100:80 -r 192.168.1.12:80');
      await flows[0]?.clientSendsInVain('AP', { payload: 'nobody there', sequence: 1001 });
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1');
      await counted(lab, 'after its return', 2, 0, second);
      await flows[0]?.clientSends('AP', { payload: 'there again' });
      await counted(lab, 'of the one that stayed', 0, 1, first);
    },
  },
];
