import { FRAGMENT, IPV4 } from '../../../reference/wire/ipv4.ts';
import type { Case } from '../../harness/case.ts';
import { ethernet, ip, payload, tcp, udp } from '../../harness/layers.ts';
import { changedPacket, frameAround } from './raw-packet.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const syn = { sourcePort: 40002, destinationPort: 80, flags: 'S' };

/** Each a fault that makes a packet no IP datagram. `bytes` are those behind the Ethernet header, of a SYN that is right but for this. */
const FAULTS: readonly {
  readonly name: string;
  readonly title: string;
  readonly requirement: string;
  readonly change: (view: DataView) => void;
  readonly length?: number;
}[] = [
  {
    name: 'version',
    title: 'A header of another version than 4',
    requirement: 'The IP version number must be 4; otherwise the packet is silently discarded.',
    change: (view) => view.setUint8(IPV4.versionAndLength, 0x55),
  },
  {
    name: 'total-length-small',
    title: 'A total length below the header length',
    requirement: 'The total length must be large enough for the header; otherwise the packet is silently discarded.',
    change: (view) => view.setUint16(IPV4.totalLength, 19),
  },
  {
    name: 'total-length-zero',
    title: 'A total length of zero',
    requirement:
      'The total length must be large enough for the header: zero does not stand for the length of the frame.',
    change: (view) => view.setUint16(IPV4.totalLength, 0),
  },
  {
    name: 'total-length-large',
    title: 'A total length beyond the end of the frame',
    requirement: 'A packet that is longer than what the link layer received was cut short and is discarded.',
    change: (view) => view.setUint16(IPV4.totalLength, 41),
  },
  {
    name: 'cut-in-header',
    title: 'A packet that ends within its header',
    requirement:
      'What the link layer received must be long enough for a whole header; otherwise it is silently discarded.',
    change: (view) => view.setUint16(IPV4.totalLength, 40),
    length: 19,
  },
];

export const cases: readonly Case[] = [
  {
    id: 'headers/checksum-wrong',
    title: 'A packet with a wrong IP header checksum is dropped',
    requirement: 'The IP checksum must be correct; otherwise the packet is silently discarded. It makes no connection.',
    source: ['RFC 1812 §5.2.2', 'ipvs-cases A07'],
    level: 'core',
    tags: ['header', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await lab.flow({ port: 40002 }).clientSendsInVain('S', { ip: { checksum: 0x1111 } });
      await lab.flow({ port: 40003 }).clientSendsInVain('S', { ip: { checksum: 0 } });
      await flow.clientSendsInVain('AP', { payload: 'damaged', sequence: 1001, ip: { checksum: 0x1111 } });
      await flow.clientSends('AP', { payload: 'sound' });
    },
  },
  ...FAULTS.map(({ name, title, requirement, change, length = 40 }): Case => ({
    id: `headers/broken-${name}`,
    title: `${title} is not believed`,
    requirement,
    source: ['RFC 1812 §5.2.2'],
    level: 'core',
    tags: ['header'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      const bytes = changedPacket([ip({ source: client.address, destination: vip }), tcp(syn)], change);
      await client.sends(...frameAround(director.client, bytes.subarray(0, length)));
      lab.nothingElse();
      await lab.flow({ realPort: 8080 }).clientSends('S');
    },
  })),
  {
    id: 'headers/broken-header-length',
    title: 'A header length below 20 bytes is not believed',
    requirement:
      'The header length field must be large enough for the smallest header, 20 bytes; otherwise the packet is silently discarded.',
    source: ['RFC 1812 §5.2.2'],
    level: 'core',
    tags: ['header'],
    needs: [],
    // Whoever believes 16 bytes takes the destination address for ports, 10.0.0.100 for 2560 and 100, and what he finds there for a SYN.
    rules: rules.replaceAll('10.0.0.100:80', '10.0.0.100:100'),
    async script(lab) {
      const { client, director, vip } = lab;
      const packet = [ip({ source: client.address, destination: vip }), tcp({ ...syn, acknowledgement: 0x50020000 })];
      const bytes = changedPacket(packet, (view) => view.setUint8(IPV4.versionAndLength, 0x44));
      await client.sends(...frameAround(director.client, bytes));
      lab.nothingElse();
      await lab.flow({ virtualPort: 100, realPort: 8080 }).clientSends('S');
    },
  },
  {
    id: 'headers/tcp-header-length-wrong',
    title: 'A TCP header length that cannot be true is forwarded',
    requirement: 'The header length field of TCP is neither checked nor changed; it is for the server to judge.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule, tcp_dnat_handler'],
    level: 'ipvs',
    tags: ['nat', 'header'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.clientSends('S', { tcp: { headerLength: 12 } });
      await flow.serverSends('AS', { tcp: { headerLength: 60 } });
      await flow.clientSends('A', { tcp: { headerLength: 0 } });
    },
  },
  {
    id: 'headers/reserved-flag',
    title: 'The reserved bit of the fragment field does not make a fragment',
    requirement: 'The reserved bit is passed on and means nothing: the packet is forwarded as others are.',
    source: ['ip_input.c:ip_rcv_core', 'RFC 791 §3.1'],
    level: 'ipvs',
    tags: ['header'],
    needs: [],
    rules,
    async script({ client, director, servers: [server], vip }) {
      const packet = [ip({ source: client.address, destination: vip }), tcp(syn)];
      const bytes = changedPacket(packet, (view) => view.setUint16(IPV4.fragment, 0x8000 | FRAGMENT.df));
      await client.sends(...frameAround(director.client, bytes));
      server.receives(ip({ destination: server.address, ttl: 63 }), tcp({ sourcePort: 40002, destinationPort: 8080 }));
    },
  },
  {
    id: 'headers/tcp-header-cut-short',
    title: 'A TCP header that is not wholly there is dropped, in a new connection as in an old one',
    requirement:
      'Of a segment shorter than 20 bytes nothing is translated; no connection is made, and no state changes.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule, tcp_dnat_handler', 'ipvs-cases A36, A37'],
    level: 'ipvs',
    tags: ['nat', 'header'],
    needs: ['connections'],
    rules,
    async script(lab) {
      const { client, vip, director } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      for (const port of [40002, 40001]) {
        const segment = tcp({ sourcePort: port, destinationPort: 80, flags: port === 40001 ? 'A' : 'S' });
        const bytes = changedPacket([ip({ source: client.address, destination: vip }), segment], (view) =>
          view.setUint16(IPV4.totalLength, 32),
        );
        await client.sends(...frameAround(director.client, bytes.subarray(0, 32)));
      }
      lab.nothingElse();
      lab.equal(
        'connections',
        (await lab.connections()).map(({ client: end, state }) => ({ end, state })),
        [{ end: '10.0.0.2:40001', state: 'ESTABLISHED' }],
      );
      await flow.clientSends('AP', { payload: 'whole' });
    },
  },
  {
    id: 'headers/udp-header-cut-short',
    title: 'A UDP header that is not wholly there is dropped',
    requirement: 'A datagram shorter than 8 bytes is not translated and makes no connection.',
    source: ['ip_vs_proto_udp.c:udp_conn_schedule'],
    level: 'ipvs',
    tags: ['nat', 'header', 'udp'],
    needs: ['connections'],
    rules: rules.replaceAll('-t ', '-u '),
    async script(lab) {
      const { client, vip, director } = lab;
      const whole = [ip({ source: client.address, destination: vip }), udp({ sourcePort: 5000, destinationPort: 80 })];
      const bytes = changedPacket(whole, (view) => view.setUint16(IPV4.totalLength, 26));
      await client.sends(...frameAround(director.client, bytes.subarray(0, 26)));
      lab.nothingElse();
      lab.equal('connections', (await lab.connections()).length, 0);
      await lab.flow({ protocol: 'udp', realPort: 8080 }).clientSends();
    },
  },
  {
    id: 'headers/udp-length-wrong',
    title: 'A UDP length that is not true is forwarded',
    requirement: 'The length field of UDP is neither checked nor changed.',
    source: ['ip_vs_proto_udp.c:udp_dnat_handler'],
    level: 'ipvs',
    tags: ['nat', 'header', 'udp'],
    needs: [],
    rules: rules.replaceAll('-t ', '-u '),
    async script({ client, servers: [server], vip }) {
      await client.sends(
        ip({ destination: vip }),
        udp({ sourcePort: 5000, destinationPort: 80, length: 99, checksum: 0x1234 }),
        payload('datagram'),
      );
      server.receives(
        ip({ totalLength: 36 }),
        udp({ destinationPort: 8080, length: 99, checksum: { any: true } }),
        payload('datagram'),
      );
    },
  },
  {
    id: 'headers/other-ether-type',
    title: 'What is no IP by its frame is not taken for it',
    requirement: 'Frames whose type is neither IP nor ARP are no datagrams, whatever they hold.',
    source: ['RFC 894', 'RFC 1812 §5.2.2'],
    level: 'core',
    tags: ['header', 'ethernet'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      await client.sends(
        ethernet({ destination: director.client.mac, type: 0x88b5 }),
        ip({ source: client.address, destination: vip }),
        tcp(syn),
      );
      lab.nothingElse();
      await lab.flow({ realPort: 8080 }).clientSends('S');
    },
  },
];
