import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { stateIs } from '../connection-of.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { level: 'core', tags: ['states', 'tcp', 'nat'], needs: ['connections'], rules } as const;

async function established(lab: Lab, port = 40001) {
  const flow = lab.flow({ port });
  await flow.establish();
  await stateIs(lab, 'ESTABLISHED', port);
  return flow;
}

/** States are seen from the server, as the director names them: CLOSE_WAIT when the client closes first, FIN_WAIT when the server does. */
export const cases: readonly Case[] = [
  {
    ...common,
    id: 'states/nat-handshake',
    title: 'VS/NAT: a connection is SYN_RECV until the client acknowledges, then ESTABLISHED',
    requirement:
      "TCP follows the standard state machine: SYN-RECEIVED from the client's SYN to its acknowledgement of the server's SYN, then ESTABLISHED.",
    source: ['paper P14', 'RFC 9293 §3.3.2 figure 5', 'ipvs-cases C02'],
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await stateIs(lab, 'SYN_RECV');
      await flow.serverSends('AS');
      await stateIs(lab, 'SYN_RECV');
      await flow.clientSends('A');
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/nat-repeated-handshake',
    title: 'VS/NAT: SYN and SYN+ACK sent again leave a connection in SYN_RECV',
    requirement:
      'A segment sent again moves nothing: in SYN-RECEIVED another SYN of either side is not an acknowledgement.',
    source: ['paper P14', 'RFC 9293 §3.10.7.4'],
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.clientSends('S', { sequence: 1000 });
      await stateIs(lab, 'SYN_RECV');
      await flow.serverSends('AS');
      await flow.serverSends('AS', { sequence: 5000 });
      await stateIs(lab, 'SYN_RECV');
    },
  },
  {
    ...common,
    id: 'states/nat-data',
    title: 'VS/NAT: data of either side leaves a connection ESTABLISHED',
    requirement: 'In ESTABLISHED data and acknowledgements pass both ways and the state stays.',
    source: ['paper P14', 'RFC 9293 §3.3.2 figure 5'],
    async script(lab) {
      const flow = await established(lab);
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await stateIs(lab, 'ESTABLISHED');
      await flow.serverSends('A');
      await flow.serverSends('AP', { payload: 'HTTP/1.0 200 OK\r\n\r\n' });
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/nat-late-syn',
    title: 'VS/NAT: a SYN in an established connection stays with it',
    requirement:
      'A SYN that comes again in ESTABLISHED opens nothing new: it goes to the server of the connection, whose state stays as it is.',
    source: ['paper P12, P14', 'RFC 9293 §3.10.7.4', 'ipvs-cases C10'],
    rules: `${rules}
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
    `,
    async script(lab) {
      const flow = await established(lab);
      await flow.clientSends('S', { sequence: 1000 });
      await stateIs(lab, 'ESTABLISHED');
      lab.equal('connections', (await lab.connections()).length, 1);
      await flow.clientSends('AP', { payload: 'GET /' });
    },
  },
  {
    ...common,
    id: 'states/nat-client-closes-first',
    title: 'VS/NAT: the client closes first',
    requirement:
      "CLOSE-WAIT from the client's FIN, LAST-ACK from the server's own, closed from the acknowledgement of that; data of the server passes in between.",
    source: ['paper P14', 'RFC 9293 §3.3.2 figure 5', 'RFC 9293 §3.6 figure 12', 'ipvs-cases C03, C12'],
    async script(lab) {
      const flow = await established(lab);
      await flow.clientSends('AF');
      await stateIs(lab, 'CLOSE_WAIT');
      await flow.serverSends('A');
      await flow.serverSends('AP', { payload: 'the rest' });
      await flow.clientSends('A');
      await stateIs(lab, 'CLOSE_WAIT');
      await flow.serverSends('AF');
      await stateIs(lab, { required: 'LAST_ACK', deviates: 'TIME_WAIT', deviation: 'no-last-ack' });
      await flow.clientSends('A');
      await stateIs(lab, { required: 'CLOSE', deviates: 'TIME_WAIT', deviation: 'no-last-ack' });
    },
  },
  {
    ...common,
    id: 'states/nat-server-closes-first',
    title: 'VS/NAT: the server closes first',
    requirement:
      "FIN-WAIT from the server's FIN, whatever the client acknowledges or sends; TIME-WAIT from the client's own FIN, whatever follows.",
    source: ['paper P14', 'RFC 9293 §3.3.2 figure 5', 'ipvs-cases C04'],
    async script(lab) {
      const flow = await established(lab);
      await flow.serverSends('AF');
      await stateIs(lab, 'FIN_WAIT');
      await flow.clientSends('A');
      await flow.clientSends('AP', { payload: 'the rest' });
      await flow.serverSends('A');
      await stateIs(lab, 'FIN_WAIT');
      await flow.clientSends('AF');
      await stateIs(lab, 'TIME_WAIT');
      await flow.serverSends('A');
      await stateIs(lab, 'TIME_WAIT');
    },
  },
  {
    ...common,
    id: 'states/nat-repeated-fin',
    title: 'VS/NAT: a FIN sent again moves nothing',
    requirement:
      'In CLOSE-WAIT and TIME-WAIT the client may send its FIN once more, in FIN-WAIT the server its own: the state stays.',
    source: ['paper P14', 'RFC 9293 §3.10.7.4'],
    async script(lab) {
      const one = await established(lab, 40001);
      await one.clientSends('AF');
      await one.clientSends('AF', { sequence: 1001 });
      await stateIs(lab, 'CLOSE_WAIT', 40001);
      const other = await established(lab, 40002);
      await other.serverSends('AF');
      await other.serverSends('AF', { sequence: 5001 });
      await stateIs(lab, 'FIN_WAIT', 40002);
      await other.clientSends('AF');
      await other.clientSends('AF', { sequence: 1001 });
      await stateIs(lab, 'TIME_WAIT', 40002);
    },
  },
  {
    ...common,
    id: 'states/nat-reset',
    title: 'VS/NAT: a reset of either side closes an established connection',
    requirement: 'A reset in ESTABLISHED ends the connection, whichever side it comes from.',
    source: ['paper P14', 'RFC 9293 §3.10.7.4', 'ipvs-cases C09'],
    async script(lab) {
      const one = await established(lab, 40001);
      await one.clientSends('R');
      await stateIs(lab, 'CLOSE', 40001);
      const other = await established(lab, 40002);
      await other.serverSends('R');
      await stateIs(lab, 'CLOSE', 40002);
    },
  },
  {
    ...common,
    id: 'states/nat-reset-while-closing',
    title: 'VS/NAT: a reset closes a connection that was about to end',
    requirement: 'A reset in CLOSE-WAIT or FIN-WAIT ends the connection at once, whichever side it comes from.',
    source: ['paper P14', 'RFC 9293 §3.10.7.4', 'ipvs-cases C39'],
    async script(lab) {
      let port = 40001;
      for (const closes of ['clientSends', 'serverSends'] as const) {
        for (const resets of ['clientSends', 'serverSends'] as const) {
          const flow = await established(lab, port);
          await flow[closes]('AF');
          await flow[resets]('R');
          await stateIs(lab, 'CLOSE', port);
          port++;
        }
      }
    },
  },
  {
    ...common,
    id: 'states/nat-refused',
    title: 'VS/NAT: a connection that the server refuses is closed',
    requirement: "The server's reset in answer to a SYN ends the connection.",
    source: ['paper P14', 'RFC 9293 §3.10.7.1', 'ipvs-cases C08'],
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.serverSends('AR');
      await stateIs(lab, 'CLOSE');
    },
  },
  {
    ...common,
    id: 'states/nat-given-up',
    title: 'VS/NAT: a client that takes its SYN back ends the connection',
    requirement: 'A reset of the client in SYN-RECEIVED ends the connection: the passive side returns to LISTEN.',
    source: ['paper P14', 'RFC 9293 §3.10.7.4', 'RFC 9293 §3.5 figure 8', 'ipvs-cases C07'],
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.serverSends('AS');
      await flow.clientSends('R');
      await stateIs(lab, { required: 'CLOSE', deviates: 'SYN_RECV', deviation: 'reset-in-syn-recv' });
    },
  },
  {
    ...common,
    id: 'states/nat-fin-in-syn-recv',
    title: 'VS/NAT: a FIN in SYN_RECV begins the same end as one in ESTABLISHED',
    requirement: "In SYN-RECEIVED the client's FIN leads to CLOSE-WAIT, the server's to FIN-WAIT.",
    source: ['paper P14', 'RFC 9293 §3.3.2 figure 5', 'RFC 9293 §3.10.7.4'],
    async script(lab) {
      const one = lab.flow({ port: 40001 });
      await one.clientSends('S');
      await one.serverSends('AS');
      await one.clientSends('AF');
      await stateIs(lab, { required: 'CLOSE_WAIT', deviates: 'TIME_WAIT', deviation: 'fin-in-syn-recv' }, 40001);
      const other = lab.flow({ port: 40002 });
      await other.clientSends('S');
      await other.serverSends('AS');
      await other.serverSends('AF');
      await stateIs(lab, { required: 'FIN_WAIT', deviates: 'TIME_WAIT', deviation: 'fin-in-syn-recv' }, 40002);
    },
  },
  {
    ...common,
    id: 'states/nat-each-its-own',
    title: 'VS/NAT: each connection has a state of its own',
    requirement: 'A state machine runs on each connection: what one does leaves the others where they are.',
    source: ['paper P12, P14'],
    async script(lab) {
      const [first, second, third] = [lab.flow(), lab.flow({ port: 40002 }), lab.flow({ port: 40003 })];
      for (const flow of [first, second, third]) await flow.clientSends('S');
      await second.serverSends('AS');
      await second.clientSends('A');
      await third.serverSends('AR');
      await stateIs(lab, 'SYN_RECV', 40001);
      await stateIs(lab, 'ESTABLISHED', 40002);
      await stateIs(lab, 'CLOSE', 40003);
      await second.serverSends('AF');
      await first.serverSends('AS');
      await first.clientSends('A');
      await stateIs(lab, 'ESTABLISHED', 40001);
      await stateIs(lab, 'FIN_WAIT', 40002);
      await stateIs(lab, 'CLOSE', 40003);
    },
  },
];
