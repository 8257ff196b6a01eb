import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { ANSWERS, ofEachMethod, type Requirement, TAKES } from './requirement.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };
const answerPorts = { sourcePort: 80, destinationPort: 40001 };

export const requirements: readonly Requirement[] = [
  ...ofEachMethod((method, name) => ({
    name: `${method}-request`,
    title: `A request over TCP that ${name} brings is served ${method === 'nat' ? 'through' : 'past'} the director`,
    requirement:
      method === 'nat'
        ? 'The server, any TCP/IP system with a private address, answers from that address by its gateway, which is the director: so the response can be translated back. No byte of it is lost.'
        : 'The server finds the virtual address on a device of its own, handles the request and answers with it as source straight to the client, by its own router; the director sees nothing of the response, and no byte of it is lost.',
    source: [TAKES[method], ANSWERS[method], method === 'nat' ? 'paper P7' : 'paper P26, P33', 'RFC 9293 §3.10'],
    level: 'core',
    tags: ['real-server', method, 'tcp'],
    script: (lab) => lab.request(method),
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-requests`,
    title: `Many requests that ${name} brings, one after the other, are served`,
    requirement: 'The server answers every client, whatever it answered before: short, long and empty responses.',
    source: [TAKES[method], 'RFC 9293 §3.10'],
    level: 'core',
    tags: ['real-server', method, 'tcp'],
    async script(lab) {
      for (const [index, count] of [0, 1, 1460, 1461, 20_000].entries()) {
        await lab.request(method, { port: 40001 + index, count });
      }
    },
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-datagram`,
    title: `A datagram that ${name} brings is answered from the address that was asked`,
    requirement:
      method === 'nat'
        ? 'The response carries the address and port that the director had put into the request, and goes to the director, who knows it by them.'
        : 'The response carries the virtual address and its port as source and goes straight to the client by the routes of the server, unchanged: with a TTL of its own and a right checksum.',
    source: [ANSWERS[method], 'RFC 1122 §4.1.3.5', 'RFC 768'],
    level: 'core',
    tags: ['real-server', method, 'udp'],
    async script(lab) {
      const { client, vip } = lab;
      await lab.forwards(method, ip({ source: client, destination: vip, ttl: 9 }), udp(ports), payload('first'));
      lab.answers(ip({ ttl: 64 }), udp(answerPorts), payload('first'));
      await lab.forwards(method, ip({ source: client, destination: vip }), udp(ports), payload('second'));
      lab.answers(ip({ ttl: 64 }), udp(answerPorts), payload('second'));
    },
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-echo`,
    title: `A ping that ${name} brings is answered from the address that was asked`,
    requirement: 'Every host answers an echo request with the same data, from the address that was asked.',
    source: ['RFC 1122 §3.2.2.6', TAKES[method]],
    level: 'core',
    tags: ['real-server', method, 'icmp'],
    async script(lab) {
      const header = ip({ source: lab.client, destination: lab.vip });
      await lab.forwards(method, header, icmp({ type: 8, rest: 0x0007_0001 }), payload('are you there?'));
      lab.answers(icmp({ type: 0, code: 0, rest: 0x0007_0001 }), payload('are you there?'));
    },
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-closed-port`,
    title: `What ${name} brings to a port without service is refused by the address that was asked`,
    requirement:
      'A SYN is answered by a reset, a datagram by "port unreachable", both from the address that was asked.',
    source: ['RFC 9293 §3.5.2', 'RFC 1122 §3.2.2.1, §4.1.3.1', ANSWERS[method]],
    level: 'core',
    tags: ['real-server', method, 'tcp', 'udp', 'icmp'],
    async script(lab) {
      const header = ip({ source: lab.client, destination: lab.vip });
      const closed = { sourcePort: 40001, destinationPort: 81 };
      await lab.forwards(method, header, tcp({ ...closed, sequence: 7000, flags: 'S' }));
      lab.answers(tcp({ sourcePort: 81, destinationPort: 40001, flags: 'AR', acknowledgement: 7001 }));
      await lab.forwards(method, header, udp(closed), payload('nobody?'));
      lab.answers(icmp({ type: 3, code: 3 }), ip({ source: lab.client, destination: lab.served(method) }), udp(closed));
    },
  })),
];
