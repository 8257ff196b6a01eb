import { fragmentsFor } from '../../../generators/hosts/ip-fragments.ts';
import { largestSegmentOf } from '../../../generators/hosts/tcp-options.ts';
import { SERVER_NETWORK } from '../../../generators/real-server/server-network.ts';
import { dissect } from '../../../reference/wire/packet.ts';
import type { Layer } from '../../../reference/wire/layer.ts';
import { ip, payload, tcp, udp } from '../../harness/layers.ts';
import type { ServerLab } from '../../harness/server-lab.ts';
import { ofEachMethod, type Requirement, TAKES } from './requirement.ts';

const ports = { sourcePort: 40001, destinationPort: 80 };
const answerPorts = { sourcePort: 80, destinationPort: 40001 };
/** What the headers of IP and UDP leave of 1500 bytes. */
const LARGEST_WHOLE = 1472;

export const requirements: readonly Requirement[] = [
  ...ofEachMethod((method, name) => ({
    name: `${method}-largest-segment`,
    title: `The server asks for no larger segments than its LAN carries, by ${name}`,
    requirement: "The maximum segment size that SYN and ACK announce is at most the LAN's MTU less 40 bytes.",
    source: ['RFC 9293 §3.7.1', 'RFC 6691 §2', 'harnesses 18'],
    level: 'core',
    tags: ['real-server', method, 'tcp', 'mtu'],
    async script(lab) {
      const header = ip({ source: lab.client, destination: lab.vip });
      // The client could take more, so that nobody but the server's own wire sets the limit.
      await lab.forwards(method, header, tcp({ ...ports, flags: 'S', sequence: 7000, options: '02042300' }));
      const { layers } = lab.answers(tcp({ ...answerPorts, flags: 'AS', acknowledgement: 7001 }));
      const segment = layers.find(({ layer }) => layer.kind === 'tcp')?.layer;
      const size = largestSegmentOf(segment?.kind === 'tcp' ? (segment.options ?? '') : '') ?? 536;
      lab.equal('larger segments than the LAN carries are asked for', String(size > SERVER_NETWORK.mtu - 40), 'false');
      await lab.forwards(method, header, tcp({ ...ports, flags: 'R', sequence: 7001 }));
    },
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-path-mtu`,
    title: `"Fragmentation needed" to the address that is served makes the segments smaller, by ${name}`,
    requirement:
      'A sender whose packet is too large for a link on the path must send smaller ones. The router there tells the address that the response came from, so the server must hear it and heed it.',
    source: ['RFC 1191 §3, §6.4', 'RFC 2923 §2.1', 'harnesses 21'],
    level: 'core',
    tags: ['real-server', method, 'icmp', 'mtu'],
    script: (lab) => lab.request(method, { narrowLink: 1000 }),
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-full-size`,
    title: `A packet of 1500 bytes that ${name} brings is served, and answered by one of 1500`,
    requirement:
      method === 'tunnel'
        ? 'Wrapped it is larger than the LAN carries and comes in fragments; the server puts the tunnel packet together before it unwraps it.'
        : 'It comes as it is, in one frame.',
    source: ['RFC 791 §3.2', 'RFC 2003 §3.1', TAKES[method], ...(method === 'tunnel' ? ['paper P22'] : [])],
    level: 'core',
    tags: ['real-server', method, 'mtu', 'fragments'],
    async script(lab) {
      const data = payload(Uint8Array.from({ length: LARGEST_WHOLE }, (_, index) => index));
      const packet = [ip({ source: lab.client, destination: lab.vip, df: false }), udp(ports), data];
      if (method === 'tunnel') await sendsInFragments(lab, packet);
      else await lab.forwards(method, ...packet);
      lab.answers(udp(answerPorts), data);
    },
  })),
  ...ofEachMethod((method, name) => ({
    name: `${method}-large-datagram`,
    title: `A datagram larger than the LAN carries goes and comes in fragments, by ${name}`,
    requirement:
      'The server puts the fragments of a request together, and sends a response that is too large for its wire in fragments that fit.',
    source: ['RFC 791 §3.2', 'RFC 1122 §3.3.2, §3.3.3'],
    level: 'core',
    tags: ['real-server', method, 'mtu', 'fragments'],
    async script(lab) {
      const text = Array.from({ length: 375 }, (_, index) => `${String(index).padStart(7, '0')} `).join('');
      const header = { source: lab.client, destination: lab.served(method), id: 77 };
      // Smaller by a tunnel's header, so that each fits once it is wrapped.
      for (const fragment of fragmentsFor(SERVER_NETWORK.mtu - 20, header, [udp(ports), payload(text)])) {
        await lab.forwards(method, ...layersOf(fragment));
      }
      let data = '';
      for (let isWhole = false; !isWhole;) {
        const { layers } = lab.answers(ip({ df: false }));
        const [, outer] = layers;
        isWhole = outer?.layer.kind === 'ip' && outer.layer.mf === false;
        const content = layers.at(-1)?.layer;
        data += content?.kind === 'payload' ? (content.data ?? '') : '';
      }
      lab.equal('the data of the response', data, contentOf(payload(text)));
    },
  })),
];

/** The packet wrapped, and the tunnel packet in fragments. */
async function sendsInFragments({ director, server }: ServerLab, packet: readonly Layer[]): Promise<void> {
  const outer = { source: director.address, destination: server.address, id: 99 };
  for (const fragment of fragmentsFor(SERVER_NETWORK.mtu, outer, packet)) {
    await director.sends({ kind: 'ethernet', destination: server.mac }, ...layersOf(fragment));
  }
}

const layersOf = (datagram: Uint8Array): readonly Layer[] => dissect(datagram, 'ip').map(({ layer }) => layer);

const contentOf = (layer: Layer): string => (layer.kind === 'payload' ? (layer.data ?? '') : '');
