import type { Case } from '../../harness/case.ts';
import { ip, payload, tcp, udp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const udpRules = `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
`;

const request = { sourcePort: 5000, destinationPort: 53 };
const response = { sourcePort: 5353, destinationPort: 5000 };

// Wrong checksums and what RFC 1624 eqn. 3, HC' = ~(~HC + ~m + m'), makes of them: 10.0.0.100:80 ↔ 192.168.1.11:8080, or :53 ↔ :5353 for UDP.
const WRONG_TCP = { sent: 0x1111, atServer: 0x3a81, atClient: 0xe7a0 };
const WRONG_UDP = { sent: 0x1234, atServer: 0x4630, atClient: 0xde37 };

export const cases: readonly Case[] = [
  {
    id: 'nat/tcp-checksum-wrong-request',
    title: "A request's wrong TCP checksum stays wrong",
    requirement:
      'The TCP checksum of a rewritten packet is adjusted incrementally, without scanning the packet: damage from before the director still shows at the server.',
    source: ['paper P17', 'RFC 1624 §3', 'ipvs-cases A06'],
    level: 'core',
    tags: ['nat', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      const { sent, atServer } = WRONG_TCP;
      await flow.establish();
      const { layers } = await flow.clientSends('AP', { payload: 'damaged', tcp: { checksum: sent } });
      const segment = layers.find(({ layer }) => layer.kind === 'tcp')?.layer;
      lab.equal('TCP checksum', segment?.kind === 'tcp' ? segment.checksum : undefined, atServer);
    },
  },
  {
    id: 'nat/tcp-checksum-wrong-response',
    title: "A response's wrong TCP checksum stays wrong",
    requirement:
      'The TCP checksum of a rewritten packet is adjusted incrementally, in the response as in the request: the client still sees the damage.',
    source: ['paper P13, P17', 'RFC 1624 §3'],
    level: 'core',
    tags: ['nat', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      const { sent, atClient } = WRONG_TCP;
      await flow.establish();
      const { layers } = await flow.serverSends('AP', { payload: 'damaged', tcp: { checksum: sent } });
      const segment = layers.find(({ layer }) => layer.kind === 'tcp')?.layer;
      lab.equal('TCP checksum', segment?.kind === 'tcp' ? segment.checksum : undefined, atClient);
    },
  },
  {
    id: 'nat/tcp-checksum-lengths',
    title: 'The TCP checksum is right for every length of payload',
    requirement: 'After rewriting the TCP checksum holds, for odd lengths, for none, and for the largest segment.',
    source: ['paper P11, P13, P17', 'RFC 9293 §3.1'],
    level: 'core',
    tags: ['nat', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      for (const length of [1, 2, 3, 255, 1459, 1460]) {
        await flow.clientSends('AP', { payload: '\xff'.repeat(length) });
        await flow.serverSends('AP', { payload: '\xff\x00'.repeat(length).slice(0, length) });
      }
    },
  },
  {
    id: 'nat/tcp-checksum-zero',
    title: 'A TCP checksum that comes out as zero is right',
    requirement:
      'Zero is a TCP checksum like any other: a segment whose rewritten checksum is zero must still be found sound.',
    source: ['paper P17', 'RFC 9293 §3.1', 'RFC 1624 §3'],
    level: 'core',
    tags: ['nat', 'checksum'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      // With these two bytes the segment's checksum is 0xd68f for 10.0.0.100:80 and zero for 192.168.1.11:8080.
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S', checksum: 0xd68f }),
        payload('\x04\x72'),
      );
      server.receives(
        ip({ source: client.address, destination: server.address, ttl: 63, totalLength: 42 }),
        // One's complement has two zeros, and receivers take both (RFC 1071 §1).
        tcp({ sourcePort: 40001, destinationPort: 8080, sequence: 1000, flags: 'S', checksum: { oneOf: [0, 0xffff] } }),
        payload('\x04\x72'),
      );
    },
  },
  {
    id: 'nat/tcp-checksum-two-zeros',
    title: 'A TCP checksum of zero is written 0x0000, however it came in',
    requirement:
      'TCP has no special zero: 0x0000 and 0xffff on the way in both become 0x0000 when the sum does not change.',
    source: ['ip_vs_proto_tcp.c:tcp_fast_csum_update', 'RFC 1624 §3', 'ipvs-cases C40'],
    level: 'ipvs',
    tags: ['nat', 'checksum'],
    needs: [],
    // 192.168.1.11:18688 has the same one's complement sum as 10.0.0.100:80.
    rules: rules.replace(':8080', ':18688'),
    async script({ client, servers: [server], vip }) {
      for (const checksum of [0x0000, 0xffff]) {
        await client.sends(
          ip({ destination: vip }),
          tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S', checksum }),
          payload('\xdb\x01'),
        );
        server.receives(
          ip({ destination: server.address }),
          tcp({ destinationPort: 18688, checksum: 0x0000 }),
          payload('\xdb\x01'),
        );
      }
    },
  },
  {
    id: 'nat/udp-checksum-wrong',
    title: 'A wrong UDP checksum stays wrong in both directions',
    requirement:
      'Checksums are adjusted for what was rewritten, not computed anew: damage from before the director still shows.',
    source: ['paper P17', 'RFC 1624 §3', 'ipvs-cases A25'],
    level: 'core',
    tags: ['nat', 'checksum', 'udp'],
    needs: [],
    rules: udpRules,
    async script({ client, servers: [server], vip }) {
      const { sent, atServer, atClient } = WRONG_UDP;
      await client.sends(ip({ destination: vip }), udp({ ...request, checksum: sent }), payload('damaged'));
      server.receives(
        ip({ destination: server.address }),
        udp({ sourcePort: 5000, destinationPort: 5353, checksum: atServer }),
        payload('damaged'),
      );
      await server.sends(ip({ destination: client.address }), udp({ ...response, checksum: sent }), payload('damaged'));
      client.receives(
        ip({ source: vip }),
        udp({ sourcePort: 53, destinationPort: 5000, checksum: atClient }),
        payload('damaged'),
      );
    },
  },
  {
    id: 'nat/udp-without-checksum',
    title: 'A datagram without checksum arrives without one or with a right one',
    requirement:
      'A UDP checksum of zero says that there is none. Rewriting must not make a number of it that the receiver takes for a wrong checksum.',
    source: ['paper P11, P13', 'RFC 768'],
    level: 'core',
    tags: ['nat', 'checksum', 'udp'],
    needs: [],
    rules: udpRules,
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip }), udp({ ...request, checksum: 0 }), payload('xxxxxxxxxx'));
      server.receives(
        ip({ source: client.address, destination: server.address, totalLength: 38 }),
        udp({ sourcePort: 5000, destinationPort: 5353, length: 18, checksum: { oneOf: [0, 0xb149] } }),
        payload('xxxxxxxxxx'),
      );
      await server.sends(ip({ destination: client.address }), udp({ ...response, checksum: 0 }), payload('xxxxxxxxxx'));
      client.receives(
        ip({ source: vip, destination: client.address, totalLength: 38 }),
        udp({ sourcePort: 53, destinationPort: 5000, length: 18, checksum: { oneOf: [0, 0x7d4d] } }),
        payload('xxxxxxxxxx'),
      );
    },
  },
  {
    id: 'nat/udp-without-checksum-gets-one',
    title: 'A datagram without checksum gets one under VS/NAT',
    requirement: 'A UDP checksum of zero is replaced by a computed one, in both directions.',
    source: ['ip_vs_proto_udp.c:udp_dnat_handler, udp_snat_handler', 'ipvs-cases A23, A24'],
    level: 'ipvs',
    tags: ['nat', 'checksum', 'udp'],
    needs: [],
    rules: udpRules,
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip }), udp({ ...request, checksum: 0 }), payload('xxxxxxxxxx'));
      server.receives(ip(), udp({ checksum: 0xb149 }), payload('xxxxxxxxxx'));
      await server.sends(ip({ destination: client.address }), udp({ ...response, checksum: 0 }), payload('xxxxxxxxxx'));
      client.receives(ip(), udp({ checksum: 0x7d4d }), payload('xxxxxxxxxx'));
    },
  },
  {
    id: 'nat/udp-checksum-result-zero',
    title: 'A UDP checksum that comes out as zero is sent as all ones',
    requirement: 'If the computed checksum is zero it is transmitted as all ones, for zero means that there is none.',
    source: ['RFC 768', 'paper P11, P13', 'ipvs-cases A27'],
    level: 'core',
    tags: ['nat', 'checksum', 'udp'],
    needs: [],
    rules: udpRules,
    async script({ client, servers: [server], vip }) {
      // Two bytes each that make the sum with the rewritten address and port come out as zero.
      await client.sends(ip({ destination: vip }), udp({ ...request, checksum: 0xcc03 }), payload('\x0b\xb4'));
      server.receives(
        ip({ source: client.address, destination: server.address }),
        udp({ sourcePort: 5000, destinationPort: 5353, checksum: 0xffff }),
        payload('\x0b\xb4'),
      );
      await server.sends(
        ip({ destination: client.address }),
        udp({ ...response, checksum: 0x33fc }),
        payload('\xd7\xb7'),
      );
      client.receives(
        ip({ source: vip, destination: client.address }),
        udp({ sourcePort: 53, destinationPort: 5000, checksum: 0xffff }),
        payload('\xd7\xb7'),
      );
    },
  },
  {
    id: 'nat/ip-checksum-zero',
    title: 'An IP header checksum that comes out as zero is written 0x0000',
    requirement:
      'The header checksum after rewriting is what a computation over the whole header gives: 0x0000, and not the 0xffff of a careless incremental update.',
    source: ['RFC 1624 §3, §4', 'RFC 1812 §4.2.2.5'],
    level: 'core',
    tags: ['nat', 'checksum'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      // With this id the words of the header add up to 0xffff once the destination is 192.168.1.11 and the TTL 63.
      await client.sends(
        ip({ destination: vip, id: 0x701b, checksum: 0xb64f }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
      );
      server.receives(
        ip({ source: client.address, destination: server.address, ttl: 63, id: 0x701b, checksum: 0x0000 }),
        tcp({ destinationPort: 8080 }),
      );
    },
  },
];
