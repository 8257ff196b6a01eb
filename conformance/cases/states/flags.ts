import type { Case } from '../../harness/case.ts';
import { stateIs } from '../connection-of.ts';
import { Segments } from './segments.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { level: 'ipvs', tags: ['states', 'tcp'], needs: ['connections'], rules } as const;

/** An established connection from each port on, one for each of `segments`, which its client sends; and the state that it then must have. */
function inEstablished(
  id: string,
  title: string,
  requirement: string,
  segments: readonly (readonly [string, string])[],
): Case {
  return {
    ...common,
    id,
    title,
    requirement,
    source: ['ip_vs_proto_tcp.c:tcp_state_idx', 'ip_vs_proto_tcp.c:set_tcp_state', 'ipvs-cases C11'],
    async script(lab) {
      for (const [index, [flags, state]] of segments.entries()) {
        const connection = new Segments(lab, { port: 40001 + index });
        await connection.clientSends('S');
        await connection.serverSends('AS');
        await connection.clientSends('A');
        await connection.clientSends(flags);
        await stateIs(lab, state, connection.port);
      }
    },
  };
}

export const cases: readonly Case[] = [
  inEstablished(
    'states/flags-reset-first',
    'RST decides, whatever else is set',
    'A segment with RST is a reset, with SYN, FIN and ACK set as well.',
    [
      ['AR', 'CLOSE'],
      ['RF', 'CLOSE'],
      ['RS', 'CLOSE'],
      ['UAPRSF', 'CLOSE'],
    ],
  ),
  inEstablished(
    'states/flags-syn-second',
    'SYN goes before FIN and ACK',
    'A segment with SYN and without RST is a SYN.',
    [
      ['SF', 'ESTABLISHED'],
      ['AS', 'ESTABLISHED'],
      ['ASF', 'ESTABLISHED'],
    ],
  ),
  inEstablished(
    'states/flags-fin-third',
    'FIN goes before ACK',
    'A segment with FIN and without RST and SYN is a FIN.',
    [
      ['F', 'CLOSE_WAIT'],
      ['AF', 'CLOSE_WAIT'],
      ['UAPF', 'CLOSE_WAIT'],
    ],
  ),
  inEstablished(
    'states/flags-none-of-four',
    'A segment without SYN, FIN, ACK and RST closes the connection',
    'Where none of the four flags is set the next state is CLOSE; PSH, URG, ECE and CWR are not looked at.',
    [
      ['', 'CLOSE'],
      ['P', 'CLOSE'],
      ['UP', 'CLOSE'],
      ['CE', 'CLOSE'],
    ],
  ),
  {
    ...common,
    id: 'states/congestion-flags',
    title: 'SYN and SYN+ACK that negotiate ECN are SYN and SYN+ACK',
    requirement: 'ECE and CWR on the segments of the handshake change nothing about the states it leads to.',
    source: ['paper P14', 'RFC 3168 §6.1.1'],
    level: 'core',
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('CES');
      await stateIs(lab, 'SYN_RECV');
      await flow.serverSends('EAS');
      await stateIs(lab, 'SYN_RECV');
      await flow.clientSends('A');
      await stateIs(lab, 'ESTABLISHED');
      await flow.clientSends('CAP', { payload: 'GET /' });
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/syn-ack-of-the-client',
    title: "A client's SYN+ACK is a SYN: it begins a connection",
    requirement: 'The SYN bit alone makes a first segment: with ACK beside it a connection in SYN_RECV begins.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule', 'ip_vs_proto_tcp.c:tcp_state_idx', 'ipvs-cases E07'],
    async script(lab) {
      const connection = new Segments(lab, { port: 40001 });
      await connection.clientSends('AS');
      await stateIs(lab, 'SYN_RECV');
    },
  },
  {
    ...common,
    id: 'states/reset-out-of-window',
    title: 'Sequence numbers are not looked at',
    requirement:
      'A reset, SYN or FIN moves the state whatever its sequence number: the director keeps no window of the connection.',
    source: ['ip_vs_proto_tcp.c:set_tcp_state'],
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      await flow.clientSends('AF', { sequence: 0xdead_beef, acknowledgement: 7 });
      await stateIs(lab, 'CLOSE_WAIT');
      await flow.serverSends('R', { sequence: 0x1234_5678 });
      await stateIs(lab, 'CLOSE');
    },
  },
];
