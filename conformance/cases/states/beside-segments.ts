import type { Case } from '../../harness/case.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { connectionOf, stateIs } from '../connection-of.ts';
import { Segments } from './segments.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
`;

const common = { tags: ['states'], needs: ['connections'], rules } as const;

/** What `sloppy_tcp` makes of a connection's first segment, by its flags. */
const SLOPPY: readonly (readonly [string, string])[] = [
  ['A', 'ESTABLISHED'],
  ['AP', 'ESTABLISHED'],
  ['F', 'CLOSE'],
  ['AS', 'SYN_RECV'],
  ['', 'CLOSE'],
];

export const cases: readonly Case[] = [
  {
    ...common,
    id: 'states/udp-one-state',
    title: 'UDP has one state, whoever sends',
    requirement: 'UDP has one state: datagrams of the client and of the server leave a connection in it.',
    source: ['paper P14'],
    level: 'core',
    tags: ['states', 'udp'],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const flow = lab.flow({ protocol: 'udp' });
      for (let round = 0; round < 2; round++) {
        await flow.clientSends();
        await stateIs(lab, 'UDP');
        await flow.serverSends();
        await stateIs(lab, 'UDP');
      }
    },
  },
  {
    ...common,
    id: 'states/icmp-moves-nothing',
    title: 'An ICMP error about a connection leaves its state',
    requirement:
      'Only segments move a connection: an ICMP error that quotes one of them is passed on, and the state stays.',
    source: ['paper P14', 'ip_vs_core.c:ip_vs_in_icmp', 'RFC 1122 §4.2.3.9', 'ipvs-cases C29'],
    level: 'ipvs',
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const flow = lab.flow();
      await flow.establish();
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 1 }),
        ip({ source: vip, destination: client.address }),
        tcp({ sourcePort: 80, destinationPort: 40001, flags: 'A' }),
      );
      server.receives(ip({ source: client.address, destination: server.address }), icmp({ type: 3, code: 1 }));
      await server.sends(
        ip({ destination: client.address }),
        icmp({ type: 3, code: 1 }),
        ip({ source: client.address, destination: server.address }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'A' }),
      );
      client.receives(ip({ source: vip, destination: client.address }), icmp({ type: 3, code: 1 }));
      await stateIs(lab, 'ESTABLISHED');
      await flow.serverSends('AP', { payload: 'still here' });
    },
  },
  {
    ...common,
    id: 'states/ttl-used-up',
    title: 'A segment that the director cannot forward has moved the state all the same',
    requirement:
      'State and timer follow from a packet before it is forwarded: a FIN with TTL 1 is answered with time exceeded, and the connection is in CLOSE_WAIT.',
    source: ['ip_vs_core.c:ip_vs_in_hook', 'ipvs-cases A03, C31'],
    level: 'ipvs',
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      await client.sends(
        ip({ destination: vip, ttl: 1 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1001, acknowledgement: 5001, flags: 'AF' }),
      );
      client.receives(ip({ source: vip, destination: client.address }), icmp({ type: 11, code: 0 }));
      await stateIs(lab, 'CLOSE_WAIT');
    },
  },
  {
    ...common,
    id: 'states/wrong-checksum',
    title: 'A segment with a wrong TCP checksum is forwarded, still wrong, and moves the state',
    requirement: "TCP checksums are the ends' affair: without payload translation the director does not verify them.",
    source: ['ip_vs_proto_tcp.c:tcp_snat_handler', 'ip_vs_proto_tcp.c:tcp_csum_check', 'ipvs-cases A06'],
    level: 'ipvs',
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S', { tcp: { checksum: 0x1111 } });
      await stateIs(lab, 'SYN_RECV');
      await flow.serverSends('AS', { tcp: { checksum: 0x2222 } });
      await flow.clientSends('A', { tcp: { checksum: 0x3333 } });
      await stateIs(lab, 'ESTABLISHED');
    },
  },
  {
    ...common,
    id: 'states/header-cut-short',
    title: 'A segment with half a TCP header is dropped and moves nothing',
    requirement:
      'A header of fewer than 20 bytes has no flags to follow: the segment goes nowhere and the state stays.',
    source: ['ip_vs_proto_tcp.c:tcp_snat_handler', 'ip_vs_proto_tcp.c:tcp_state_transition', 'ipvs-cases A37'],
    level: 'ipvs',
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      await client.sends(
        ip({ destination: vip, totalLength: 32 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'R' }),
      );
      lab.nothingElse();
      await stateIs(lab, 'ESTABLISHED');
      await flow.clientSends('AP', { payload: 'GET /' });
    },
  },
  {
    ...common,
    id: 'states/sloppy',
    title: 'sloppy_tcp: a connection may begin in the middle',
    requirement:
      'With sloppy_tcp any segment but a reset begins a connection: ACK in ESTABLISHED, SYN+ACK in SYN_RECV, FIN and a segment without flags in CLOSE.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule', 'ip_vs_proto_tcp.c:tcp_states', 'ipvs-cases C37'],
    level: 'ipvs',
    tags: ['states', 'tcp', 'sysctl'],
    environment: { sysctls: { 'vs.sloppy_tcp': '1' } },
    async script(lab) {
      for (const [index, [flags, state]] of SLOPPY.entries()) {
        const connection = new Segments(lab, { port: 40001 + index });
        await connection.clientSends(flags);
        await stateIs(lab, state, connection.port);
      }
      await lab.client.sends(ip({ destination: lab.vip }), tcp({ sourcePort: 40100, destinationPort: 80, flags: 'R' }));
      lab.nothingElse();
      lab.equal('connection begun by a reset', await connectionOf(lab, 40100), undefined);
    },
  },
  {
    ...common,
    id: 'states/not-sloppy',
    title: 'Without sloppy_tcp only a SYN begins a connection',
    requirement:
      'A segment of no known connection that is no SYN is not balanced: the director makes no record of it, and its own TCP answers with a reset.',
    source: ['RFC 9293 §3.10.7.1', 'ip_vs_proto_tcp.c:tcp_conn_schedule', 'ipvs-cases E06'],
    level: 'ipvs',
    async script(lab) {
      const { client, vip } = lab;
      for (const flags of ['A', 'AF', 'F', '']) {
        await client.sends(
          ip({ destination: vip }),
          tcp({ sourcePort: 40001, destinationPort: 80, sequence: 7, acknowledgement: 9, flags }),
        );
        const answer = flags.includes('A') ? { flags: 'R', sequence: 9 } : { flags: 'AR', sequence: 0 };
        client.receives(
          ip({ source: vip, destination: client.address }),
          tcp({ sourcePort: 80, destinationPort: 40001, ...answer }),
        );
        lab.equal('connections', await lab.connections(), []);
      }
      await new Segments(lab, { port: 40001 }).clientSends('S');
      await stateIs(lab, 'SYN_RECV');
    },
  },
];
