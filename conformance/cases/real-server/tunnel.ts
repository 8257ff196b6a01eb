import { icmp, ip, payload, udp } from '../../harness/layers.ts';
import type { ServerLab } from '../../harness/server-lab.ts';
import type { Requirement } from './requirement.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };

/** A tunnel packet with whatever headers, and that one with the right ones is served: else a server that is off would do. */
async function isServed(lab: ServerLab): Promise<void> {
  await lab.forwards('tunnel', ip({ source: lab.client, destination: lab.vip }), udp(ports), payload('right'));
  lab.answers(udp({ sourcePort: 80, destinationPort: 40001 }), payload('right'));
}

export const requirements: readonly Requirement[] = [
  {
    name: 'tunnel-for-others',
    methods: ['tunnel'],
    title: 'A tunnel packet for another host is not unwrapped',
    requirement: 'The server unwraps what is addressed to it, and is no router for the rest.',
    source: ['RFC 2003 §3.2', 'RFC 1122 §3.2.1.3, §3.3.4.2', 'paper P24'],
    level: 'core',
    tags: ['real-server', 'tunnel'],
    async script(lab) {
      const { client, director, neighbour, server, vip } = lab;
      await isServed(lab);
      await director.sends(
        { kind: 'ethernet', destination: server.mac },
        ip({ source: director.address, destination: neighbour.address }),
        ip({ source: client, destination: vip }),
        udp(ports),
        payload('for the neighbour'),
      );
      lab.nothingElse();
    },
  },
  {
    name: 'tunnel-inside-for-others',
    methods: ['tunnel'],
    title: 'What is unwrapped and is for another host goes no further',
    requirement:
      'A host must not forward what is not for one of its addresses: the tunnel would let anybody send into the LAN.',
    source: ['RFC 1122 §3.3.4.2', 'RFC 6169 §3.1', 'paper P24'],
    level: 'core',
    tags: ['real-server', 'tunnel'],
    async script(lab) {
      const { client, neighbour } = lab;
      await isServed(lab);
      await lab.forwards(
        'tunnel',
        ip({ source: client, destination: neighbour.address }),
        udp(ports),
        payload('inside'),
      );
      await lab.forwards('tunnel', ip({ source: client, destination: '10.0.0.101' }), udp(ports), payload('inside'));
      lab.nothingElse();
    },
  },
  {
    name: 'tunnel-own-source',
    methods: ['tunnel'],
    title: 'What is unwrapped and claims to come from the server itself is dropped',
    requirement: 'A packet from outside with one of its own addresses as source cannot be true.',
    source: ['RFC 1122 §3.2.1.3', 'RFC 6169 §4.1', 'fib_frontend.c:__fib_validate_source'],
    level: 'core',
    tags: ['real-server', 'tunnel'],
    async script(lab) {
      await isServed(lab);
      await lab.forwards('tunnel', ip({ source: lab.server.address, destination: lab.vip }), udp(ports), payload('me'));
      await lab.forwards('tunnel', ip({ source: '127.0.0.1', destination: lab.vip }), udp(ports), payload('me'));
      lab.nothingElse();
    },
  },
  {
    name: 'tunnel-congestion',
    methods: ['tunnel'],
    title: 'Congestion that the packet inside cannot tell of drops it',
    requirement:
      'If the outer header says that congestion was experienced and the inner one that its transport does not understand it, the packet is dropped.',
    source: ['RFC 6040 §4.2', 'ip_tunnel.h:IP_ECN_decapsulate'],
    level: 'core',
    tags: ['real-server', 'tunnel', 'ecn'],
    async script(lab) {
      const { client, director, server, vip } = lab;
      await isServed(lab);
      for (const [outer, inner, passes] of [
        [0x03, 0x00, false],
        [0x03, 0x02, true],
        [0x02, 0x00, true],
        [0x00, 0x00, true],
      ] as const) {
        await director.sends(
          { kind: 'ethernet', destination: server.mac },
          ip({ source: director.address, destination: server.address, tos: outer }),
          ip({ source: client, destination: vip, tos: inner }),
          icmp({ type: 8, rest: outer * 256 + inner }),
        );
        if (passes) lab.answers(icmp({ type: 0, rest: outer * 256 + inner }));
        else lab.nothingElse();
      }
    },
  },
];
