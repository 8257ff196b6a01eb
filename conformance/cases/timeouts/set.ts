import type { Case } from '../../harness/case.ts';
import { connectionOf } from '../connection-of.ts';
import { livesFor, udpLivesFor } from './lifetime.ts';
import type { Lab } from '../../harness/lab.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { level: 'core', tags: ['timeouts', 'configuration'], needs: ['clock', 'timeouts'], rules } as const;

async function established(lab: Lab, port = 40001) {
  const flow = lab.flow({ port });
  await flow.establish();
  return flow;
}

async function secondsLeft(lab: Lab, what: string, port: number, seconds: number): Promise<void> {
  lab.within(`seconds left in ${what}`, (await connectionOf(lab, port))?.expires ?? -1, seconds - 2, seconds);
}

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'timeouts/set-established',
    title: 'The timeout of established connections can be set',
    requirement: 'Timeouts can be set: with 100 seconds for TCP an established connection is known that long.',
    source: ['paper P15', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C25'],
    async script(lab) {
      await lab.configure('--set 100 0 0');
      await livesFor(lab, { seconds: 100, open: (port) => established(lab, port) });
    },
  },
  {
    ...common,
    id: 'timeouts/set-fin',
    title: 'The timeout of connections that the server closed can be set',
    requirement: "Timeouts can be set: with 20 seconds for FIN a connection is known that long after the server's FIN.",
    source: ['paper P15', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C25'],
    async script(lab) {
      await lab.configure('--set 0 20 0');
      await livesFor(lab, {
        seconds: 20,
        async open(port) {
          const flow = await established(lab, port);
          await flow.serverSends('AF');
          return flow;
        },
      });
    },
  },
  {
    ...common,
    id: 'timeouts/set-fin-half-connection',
    title: 'VS/DR: the timeout of connections that the client closed can be set',
    requirement:
      "Timeouts can be set: with 20 seconds for FIN a half connection is known that long after the client's FIN.",
    source: ['paper P15, P33', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C25'],
    rules: rules.replaceAll('-m ', '-g '),
    async script(lab) {
      await lab.configure('--set 0 20 0');
      await livesFor(lab, {
        seconds: 20,
        async open(port) {
          const flow = lab.flow({ port, method: 'direct-route' });
          await flow.establish();
          await flow.clientSends('AF');
          return flow;
        },
      });
    },
  },
  {
    ...common,
    id: 'timeouts/set-udp',
    title: 'The timeout of UDP can be set',
    requirement: 'Timeouts can be set: with 30 seconds for UDP a connection is known that long.',
    source: ['paper P15', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C25'],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      await lab.configure('--set 0 0 30');
      await udpLivesFor(lab, '-m', {
        seconds: 30,
        async open(port) {
          const flow = lab.flow({ port, protocol: 'udp' });
          await flow.clientSends();
          return flow;
        },
      });
    },
  },
  {
    ...common,
    id: 'timeouts/set-lower-in-mid-life',
    title: 'A lower timeout ends connections that exist sooner, from their next packet on',
    requirement:
      'A timeout that is set counts for connections that exist as well: one more packet, and the connection is known for the new time only.',
    source: ['paper P15', 'ip_vs_proto_tcp.c:set_tcp_state', 'ipvs-cases C27'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 30,
        open: (port) => established(lab, port),
        whenOpen: () => lab.configure('--set 30 0 0'),
        renew: (flow) => flow.clientSends('A'),
      });
    },
  },
  {
    ...common,
    id: 'timeouts/set-from-next-packet',
    title: 'A timeout that is set counts from the next packet of a connection',
    requirement:
      'Setting a timeout touches no timer: the connection has what it had left until its next packet, and the new timeout from there.',
    source: ['ip_vs_proto_tcp.c:set_tcp_state', 'ipvs-cases C27'],
    level: 'ipvs',
    needs: ['clock', 'connections', 'timeouts'],
    async script(lab) {
      const flow = await established(lab);
      await lab.wait(50);
      await lab.configure('--set 100 0 0');
      await secondsLeft(lab, 'ESTABLISHED before the next packet', 40001, 850);
      await flow.serverSends('A');
      await secondsLeft(lab, 'ESTABLISHED after it', 40001, 100);
    },
  },
  {
    ...common,
    id: 'timeouts/set-zero',
    title: 'Zero leaves a timeout as it is',
    requirement: 'A 0 among the three timeouts stands for the one that is set already.',
    source: ['ipvsadm(8) --set', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C26'],
    level: 'ipvs',
    needs: ['connections', 'timeouts'],
    rules: `${rules}${rules.replaceAll('-t ', '-u ')}`,
    async script(lab) {
      await lab.configure('--set 100 50 30', '--set 0 0 7');
      await established(lab, 40001);
      const closing = await established(lab, 40002);
      await closing.serverSends('AF');
      await lab.flow({ port: 40003, protocol: 'udp' }).clientSends();
      await secondsLeft(lab, 'ESTABLISHED', 40001, 100);
      await secondsLeft(lab, 'FIN_WAIT', 40002, 50);
      await secondsLeft(lab, 'UDP', 40003, 7);
      await lab.configure('--set 0 40 0');
      await closing.serverSends('A');
      await secondsLeft(lab, 'FIN_WAIT', 40002, 40);
    },
  },
  {
    ...common,
    id: 'timeouts/set-three-states',
    title: 'Only ESTABLISHED, FIN_WAIT and UDP can be set',
    requirement:
      "TCP's timeout is that of ESTABLISHED, FIN's that of FIN_WAIT: SYN_RECV, CLOSE_WAIT, TIME_WAIT and CLOSE keep theirs.",
    source: ['ip_vs_proto_tcp.c:tcp_timeouts', 'ip_vs_ctl.c:ip_vs_set_timeout', 'ipvs-cases C25'],
    level: 'ipvs',
    needs: ['connections', 'timeouts'],
    async script(lab) {
      await lab.configure('--set 7 8 9');
      const opening = lab.flow({ port: 40001 });
      await opening.clientSends('S');
      await secondsLeft(lab, 'SYN_RECV', 40001, 60);
      const flow = await established(lab, 40002);
      await secondsLeft(lab, 'ESTABLISHED', 40002, 7);
      await flow.clientSends('AF');
      await secondsLeft(lab, 'CLOSE_WAIT', 40002, 60);
      await flow.serverSends('AF');
      await secondsLeft(lab, 'TIME_WAIT', 40002, 120);
      await flow.clientSends('R');
      await secondsLeft(lab, 'CLOSE', 40002, 10);
      const other = await established(lab, 40003);
      await other.serverSends('AF');
      await secondsLeft(lab, 'FIN_WAIT', 40003, 8);
    },
  },
];
