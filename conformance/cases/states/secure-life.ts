import type { Case } from '../../harness/case.ts';
import { stateIs } from '../connection-of.ts';

const common = {
  level: 'ipvs',
  tags: ['states', 'tcp', 'defence'],
  needs: ['connections'],
  environment: { sysctls: { 'vs.secure_tcp': '3' } },
} as const;

/** Seconds after which the setting is in effect. */
const EFFECT = 1.5;

const rules = (option: string) => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
`;

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'states/secure-nat-established-by-server',
    title: "VS/NAT with secure_tcp: a connection is ESTABLISHED by the server's first segment after the handshake",
    requirement:
      "SYN leads to SYN_RECV, the server's SYN+ACK to SYNACK; the client's segments stay there, the server's first acknowledgement establishes.",
    source: ['ip_vs_proto_tcp.c:tcp_states_dos', 'ipvs-cases C21'],
    rules: rules('-m'),
    async script(lab) {
      await lab.wait(EFFECT);
      const flow = lab.flow();
      await flow.clientSends('S');
      await stateIs(lab, 'SYN_RECV');
      await flow.serverSends('AS');
      await stateIs(lab, 'SYNACK');
      await flow.clientSends('A');
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      await stateIs(lab, 'SYNACK');
      await flow.serverSends('A');
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/secure-nat-not-by-client',
    title: 'VS/NAT with secure_tcp: without a segment of the server a connection stays in SYN_RECV',
    requirement: "A client's acknowledgement alone establishes nothing: his address may be forged.",
    source: ['ip_vs_proto_tcp.c:tcp_states_dos', 'ipvs-cases C23'],
    rules: rules('-m'),
    async script(lab) {
      await lab.wait(EFFECT);
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.clientSends('A', { acknowledgement: 5001 });
      await stateIs(lab, 'SYN_RECV');
    },
  },
  {
    ...common,
    id: 'states/secure-half',
    title: "VS/DR with secure_tcp: SYN leads to SYNACK, the client's acknowledgement still establishes",
    requirement:
      'The director sees no segment of the server, so the client has to be believed; until then the state is SYNACK.',
    source: ['ip_vs_proto_tcp.c:tcp_states_dos', 'ipvs-cases C22'],
    rules: rules('-g'),
    async script(lab) {
      await lab.wait(EFFECT);
      const flow = lab.flow({ method: 'direct-route' });
      await flow.clientSends('S');
      await stateIs(lab, 'SYNACK');
      await flow.clientSends('A');
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/secure-switched-off',
    title: 'secure_tcp can be switched off: from then on the usual states apply, to connections that are there too',
    requirement: 'The tables are exchanged within a second of the setting; a connection goes on from the state it has.',
    source: ['ip_vs_ctl.c:update_defense_level', 'ip_vs_proto_tcp.c:tcp_timeout_change', 'ipvs.md §2.2'],
    needs: ['connections', 'sysctl'],
    rules: rules('-m'),
    async script(lab) {
      await lab.wait(EFFECT);
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.serverSends('AS');
      await flow.clientSends('A');
      await stateIs(lab, 'SYNACK');
      await lab.sysctl('vs.secure_tcp', '0');
      await lab.wait(EFFECT);
      await flow.clientSends('A');
      await stateIs(lab, 'ESTABLISHED');
    },
  },
];
