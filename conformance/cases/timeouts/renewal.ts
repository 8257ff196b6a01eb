import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { livesFor, udpLivesFor } from './lifetime.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const udpRules = rules.replaceAll('-t ', '-u ');

const common = { level: 'core', tags: ['timeouts'], needs: ['clock'], rules } as const;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'timeouts/renewed-by-client',
    title: "The client's packets keep a connection alive",
    requirement:
      'A timeout counts from the last packet: one of the client after 10 minutes gives the connection 15 more.',
    source: ['paper P14, P15', 'ip_vs_conn.c:ip_vs_conn_put'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 900,
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          return flow;
        },
        renew: (flow) => flow.clientSends('AP', { payload: 'still here' }),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-by-server',
    title: "VS/NAT: the server's packets keep a connection alive",
    requirement:
      'A timeout counts from the last packet, whichever side it comes from: one of the server after 10 minutes gives the connection 15 more.',
    source: ['paper P14, P15', 'ip_vs_conn.c:ip_vs_conn_put'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 900,
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          return flow;
        },
        renew: (flow) => flow.serverSends('AP', { payload: 'still here' }),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-half-connection',
    title: "VS/DR: the client's acknowledgements keep a half connection alive",
    requirement:
      'While a server sends for hours the director sees acknowledgements only: each gives the half connection its timeout anew.',
    source: ['paper P15, P33', 'ip_vs_conn.c:ip_vs_conn_put'],
    rules: rules.replaceAll('-m ', '-g '),
    async script(lab) {
      await livesFor(lab, {
        seconds: 900,
        async open(port) {
          const flow = lab.flow({ port, method: 'direct-route' });
          await flow.establish();
          return flow;
        },
        renew: (flow) => flow.clientSends('A'),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-udp-by-client',
    title: 'Datagrams of the client keep a UDP connection alive',
    requirement: "UDP's 5 minutes count from the last datagram.",
    source: ['paper P14, P15', 'ip_vs_conn.c:ip_vs_conn_put'],
    rules: udpRules,
    async script(lab) {
      await udpLivesFor(lab, '-m', {
        seconds: 300,
        async open(port) {
          const flow = lab.flow({ port, protocol: 'udp' });
          await flow.clientSends();
          return flow;
        },
        renew: (flow) => flow.clientSends(),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-udp-by-server',
    title: 'VS/NAT: datagrams of the server keep a UDP connection alive',
    requirement: "UDP's 5 minutes count from the last datagram, an answer too.",
    source: ['paper P14, P15', 'ip_vs_conn.c:ip_vs_conn_put', 'ipvs-cases C30'],
    rules: udpRules,
    async script(lab) {
      await udpLivesFor(lab, '-m', {
        seconds: 300,
        async open(port) {
          const flow = lab.flow({ port, protocol: 'udp' });
          await flow.clientSends();
          return flow;
        },
        renew: (flow) => flow.serverSends(),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/state-shortens',
    title: 'A new state brings its own timeout, though the old one had longer to go',
    requirement:
      'Each state has a timeout of its own: a connection that was established for 10 minutes is gone a minute after the client closed it.',
    source: ['paper P14, P15'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          return flow;
        },
        renew: (flow) => flow.clientSends('AF'),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-in-every-state',
    title: 'A packet starts the timeout anew in states that it does not change',
    requirement:
      'Every packet of a connection arms its timer with the timeout of the state that it is in, also where that stays: SYN_RECV after a reset of the client, CLOSE, FIN_WAIT.',
    source: ['ip_vs_proto_tcp.c:set_tcp_state', 'ip_vs_conn.c:ip_vs_conn_put', 'ipvs-cases C07'],
    level: 'ipvs',
    needs: ['clock', 'connections'],
    async script(lab) {
      const opening = lab.flow({ port: 40001 });
      const refused = lab.flow({ port: 40002 });
      const closing = lab.flow({ port: 40003 });
      await opening.clientSends('S');
      await refused.clientSends('S');
      await refused.serverSends('AR');
      await closing.establish();
      await closing.serverSends('AF');
      await lab.wait(6);
      const left = async (port: number) => (await connectionOf(lab, port))?.expires ?? -1;
      lab.within('seconds left in SYN_RECV', await left(40001), 52, 54);
      lab.within('seconds left in CLOSE', await left(40002), 2, 4);
      lab.within('seconds left in FIN_WAIT', await left(40003), 112, 114);
      await opening.clientSends('R');
      await refused.serverSends('A');
      await closing.clientSends('A');
      lab.within('seconds left in SYN_RECV after a reset', await left(40001), 58, 60);
      lab.within('seconds left in CLOSE after a packet of the server', await left(40002), 8, 10);
      lab.within('seconds left in FIN_WAIT after a packet of the client', await left(40003), 118, 120);
    },
  },
  {
    ...common,
    id: 'timeouts/not-renewed-by-icmp',
    title: 'ICMP errors about a connection do not keep it alive',
    requirement: 'An ICMP error of either side is passed on, and the timer of the connection that it quotes goes on.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ip_vs_core.c:ip_vs_out_icmp', 'ipvs-cases C29'],
    level: 'ipvs',
    tags: ['timeouts', 'udp', 'icmp'],
    needs: ['clock', 'connections'],
    rules: udpRules,
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const flow = lab.flow({ protocol: 'udp' });
      await flow.clientSends();
      await lab.wait(100);
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 3 }),
        ip({ source: vip, destination: client.address }),
        udp({ sourcePort: 80, destinationPort: 40001 }),
        payload('datagram'),
      );
      server.receives(ip({ source: client.address, destination: server.address }), icmp({ type: 3, code: 3 }));
      await server.sends(
        ip({ destination: client.address }),
        icmp({ type: 3, code: 3 }),
        ip({ source: client.address, destination: server.address }),
        udp({ sourcePort: 40001, destinationPort: 80 }),
        payload('datagram'),
      );
      client.receives(ip({ source: vip, destination: client.address }), icmp({ type: 3, code: 3 }));
      lab.within('seconds left after ICMP errors', (await connectionOf(lab))?.expires ?? -1, 197, 200);
      await flow.serverSends();
      lab.within('seconds left after an answer', (await connectionOf(lab))?.expires ?? -1, 297, 300);
    },
  },
  {
    ...common,
    id: 'timeouts/renewed-though-dropped',
    title: 'A packet that cannot be forwarded keeps its connection alive',
    requirement:
      'The timer is started anew for every packet that finds the connection, also for one whose TTL is used up at the director.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases C31'],
    level: 'ipvs',
    needs: ['clock', 'connections'],
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      await lab.wait(100);
      await client.sends(
        ip({ destination: vip, ttl: 1 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1001, acknowledgement: 5001, flags: 'A' }),
      );
      client.receives(ip({ source: vip, destination: client.address }), icmp({ type: 11, code: 0 }));
      lab.within('seconds left', (await connectionOf(lab))?.expires ?? -1, 897, 900);
    },
  },
];
