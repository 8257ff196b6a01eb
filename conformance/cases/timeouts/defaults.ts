import type { Case } from '../../harness/case.ts';
import { livesFor, udpLivesFor } from './lifetime.ts';

const METHODS = [
  { method: 'nat', name: 'VS/NAT', option: '-m' },
  { method: 'tunnel', name: 'VS/TUN', option: '-i' },
  { method: 'direct-route', name: 'VS/DR', option: '-g' },
] as const;

function rulesOf(option: string): string {
  return `
    -A -t 10.0.0.100:80 -s rr
    -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
  `;
}

const common = { level: 'core', tags: ['timeouts', 'tcp'], needs: ['clock'] } as const;
const nat = { ...common, rules: rulesOf('-m') } as const;

/** The paper's four timeouts, on the wire, whatever the director calls its states. */
export const cases: readonly Case[] = [
  ...METHODS.map(({ method, name, option }): Case => ({
    ...common,
    id: `timeouts/syn-${method}`,
    title: `${name}: a half-open connection lasts one minute`,
    requirement: 'A connection of which there was nothing but SYNs is known for 1 minute after the last of them.',
    source: ['paper P15', 'ip_vs_proto_tcp.c:tcp_timeouts'],
    rules: rulesOf(option),
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        async open(port) {
          const flow = lab.flow({ port, method });
          await flow.clientSends('S');
          if (method === 'nat') await flow.serverSends('AS');
          return flow;
        },
      });
    },
  })),
  ...METHODS.map(({ method, name, option }): Case => ({
    ...common,
    id: `timeouts/established-${method}`,
    title: `${name}: an established connection lasts 15 minutes`,
    requirement: 'An established connection is known for 15 minutes after its last packet.',
    source: ['paper P15', 'ip_vs_proto_tcp.c:tcp_timeouts'],
    rules: rulesOf(option),
    async script(lab) {
      await livesFor(lab, {
        seconds: 900,
        async open(port) {
          const flow = lab.flow({ port, method });
          await flow.establish();
          return flow;
        },
      });
    },
  })),
  {
    ...nat,
    id: 'timeouts/fin-of-the-client',
    title: 'VS/NAT: a connection that the client closed lasts one minute',
    requirement: "After the client's FIN the connection is known for 1 minute after its last packet.",
    source: ['paper P15', 'ip_vs_proto_tcp.c:tcp_timeouts', 'ipvs-cases C03'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          await flow.clientSends('AF');
          await flow.serverSends('A');
          return flow;
        },
      });
    },
  },
  {
    ...nat,
    id: 'timeouts/fin-of-the-server',
    title: 'VS/NAT: a connection that the server closed lasts one minute',
    requirement: "After the server's FIN the connection is known for 1 minute after its last packet.",
    source: ['paper P15', 'ip_vs_proto_tcp.c:tcp_timeouts', 'ipvs-cases C04'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        deviates: { id: 'fin-wait-two-minutes', seconds: 120 },
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          await flow.serverSends('AF');
          await flow.clientSends('A');
          return flow;
        },
      });
    },
  },
  {
    ...nat,
    id: 'timeouts/fin-of-both',
    title: 'VS/NAT: a connection that both sides closed lasts one minute',
    requirement: 'After the FINs of both sides the connection is known for 1 minute after its last packet.',
    source: ['paper P15', 'ip_vs_proto_tcp.c:tcp_timeouts', 'ipvs-cases C03'],
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        deviates: { id: 'time-wait-two-minutes', seconds: 120 },
        async open(port) {
          const flow = lab.flow({ port });
          await flow.establish();
          await flow.serverSends('AF');
          await flow.clientSends('AF');
          await flow.serverSends('A');
          return flow;
        },
      });
    },
  },
  ...METHODS.filter(({ method }) => method !== 'nat').map(({ method, name, option }): Case => ({
    ...common,
    id: `timeouts/fin-${method}`,
    title: `${name}: a connection that the client closed lasts one minute`,
    requirement: "After the client's FIN the half connection is known for 1 minute after its last packet.",
    source: ['paper P15', 'paper P26, P33', 'ip_vs_proto_tcp.c:tcp_timeouts', 'ipvs-cases C17, C20'],
    rules: rulesOf(option),
    async script(lab) {
      await livesFor(lab, {
        seconds: 60,
        deviates: { id: 'fin-wait-two-minutes', seconds: 120 },
        async open(port) {
          const flow = lab.flow({ port, method });
          await flow.establish();
          await flow.clientSends('AF');
          return flow;
        },
      });
    },
  })),
  ...METHODS.map(({ method, name, option }): Case => ({
    ...common,
    id: `timeouts/udp-${method}`,
    title: `${name}: a UDP connection lasts five minutes`,
    requirement:
      'Datagrams of one client port go to one server for 5 minutes after the last of them; then the director chooses anew.',
    source: ['paper P15', 'ip_vs_proto_udp.c:udp_timeouts'],
    tags: ['timeouts', 'udp'],
    rules: rulesOf(option).replaceAll('-t ', '-u '),
    async script(lab) {
      await udpLivesFor(lab, option, {
        seconds: 300,
        async open(port) {
          const flow = lab.flow({ port, method, protocol: 'udp' });
          await flow.clientSends();
          return flow;
        },
      });
    },
  })),
];
