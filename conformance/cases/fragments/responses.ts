import { PROTOCOL } from '../../../reference/wire/ipv4.ts';
import type { Case } from '../../harness/case.ts';
import type { Host } from '../../harness/lab.ts';
import { ip, payload, sctp, tcp, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { CHUNKS } from '../sctp/association.ts';
import { fragmentsOf } from './fragments-of.ts';
import { receivesInFragments } from './receives-in-fragments.ts';
import { NAT, rulesOf } from './variants.ts';

const TEXT = everyByte(1200);
const { INIT, DATA } = CHUNKS;

const responseOf = (server: Host, client: Host, id: number) =>
  fragmentsOf(
    { kind: 'ip', source: server.address, destination: client.address, df: false, id, protocol: PROTOCOL.udp },
    [udp({ sourcePort: 5353, destinationPort: 5000 }), payload(TEXT)],
    [800],
  );

export const cases: readonly Case[] = [
  {
    id: 'fragments/nat-response',
    title: 'A response in fragments reaches the client with the virtual service as its source',
    requirement:
      'Every fragment of a response comes from the virtual address, and the whole from the virtual port, with a right checksum; in whichever order they come.',
    source: ['paper P13', 'RFC 791 §3.2', 'ipvs-cases B18'],
    level: 'core',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 });
      await flow.clientSends();
      for (const id of [1, 2]) {
        const fragments = responseOf(flow.server, client, id);
        for (const fragment of id === 1 ? fragments : [...fragments].reverse()) await flow.server.sends(...fragment);
        receivesInFragments(lab, client, 9000, [
          ip({ source: vip, destination: client.address, id, ttl: 63, totalLength: 1228 }),
          udp({ sourcePort: 53, destinationPort: 5000, length: 1208 }),
          payload(TEXT),
        ]);
      }
    },
  },
  {
    id: 'fragments/nat-response-sizes',
    title: 'A response is cut as it came; what is incomplete goes nowhere',
    requirement:
      'The fragments of 820 and 428 bytes leave with the same sizes though the next wire takes more. A later fragment alone is held back.',
    source: ['ip_vs_core.c:ip_vs_gather_frags', 'ip_output.c:ip_do_fragment', 'ipvs-cases B18, B19'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 });
      await flow.clientSends();
      const [first, second] = responseOf(flow.server, client, 7);
      await flow.server.sends(...second);
      lab.nothingElse();
      await flow.server.sends(...first);
      client.receives(
        ip({ source: vip, totalLength: 820, mf: true, offset: 0, id: 7, ttl: 63 }),
        udp({ sourcePort: 53 }),
      );
      client.receives(ip({ source: vip, totalLength: 428, mf: false, offset: 800, id: 7, ttl: 63 }));
    },
  },
  {
    id: 'fragments/nat-response-smallest-first',
    title: 'A response whose first fragment is the smaller one is cut as it came, unless its ports stand in two',
    requirement:
      'Fragments of 28 and 1208 bytes leave with the same sizes, in whichever order they come. Of SCTP, where the first of 28 and 124 bytes has less than the header, they are cut anew, none larger than the largest that came.',
    source: [
      'ip_output.c:ip_do_fragment',
      'net/core/skbuff.c:skb_ensure_writable',
      'ip_vs_proto_sctp.c:sctp_snat_handler',
    ],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'udp', 'sctp'],
    needs: ['sctp'],
    rules: `${rulesOf(NAT)}
      -A --sctp-service 10.0.0.100:53 -s rr
      -a --sctp-service 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
    `,
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      const back = { kind: 'ip', source: server.address, destination: client.address, df: false } as const;
      const ports = { sourcePort: 5353, destinationPort: 5000 };
      await client.sends(ip({ destination: vip }), udp({ sourcePort: 5000, destinationPort: 53 }), payload('?'));
      server.receives(ip(), udp());
      for (const id of [1, 2]) {
        const fragments = fragmentsOf(
          { ...back, id, protocol: PROTOCOL.udp },
          [udp(ports), payload(everyByte(1188))],
          [8],
        );
        for (const fragment of id === 1 ? fragments : [...fragments].reverse()) await server.sends(...fragment);
        client.receives(
          ip({ source: vip, totalLength: 28, mf: true, offset: 0, id, ttl: 63 }),
          udp({ sourcePort: 53 }),
        );
        client.receives(ip({ source: vip, totalLength: 1208, mf: false, offset: 8, id, ttl: 63 }));
      }
      await client.sends(ip({ destination: vip }), sctp({ sourcePort: 5000, destinationPort: 53 }), INIT);
      server.receives(ip(), sctp(), INIT);
      const header = { ...back, id: 3, protocol: PROTOCOL.sctp };
      const data = Array.from({ length: 5 }, () => DATA);
      for (const fragment of fragmentsOf(header, [sctp(ports), ...data], [8])) await server.sends(...fragment);
      client.receives(ip({ source: vip, totalLength: 124, mf: true, offset: 0, id: 3, ttl: 63 }));
      client.receives(ip({ source: vip, totalLength: 28, mf: false, offset: 104, id: 3, ttl: 63 }));
    },
  },
  {
    id: 'fragments/nat-segment',
    title: 'TCP segments in fragments are translated too, also where the first holds eight bytes',
    requirement:
      'The TCP checksum is far behind the ports: the segment is translated right though they come in different fragments.',
    source: ['paper P11, P13, P17', 'RFC 791 §3.2', 'RFC 9293 §3.1'],
    level: 'core',
    tags: ['nat', 'fragment', 'tcp'],
    needs: [],
    rules: rulesOf(NAT).replaceAll('-u ', '-t '),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ virtualPort: 53, realPort: 5353 });
      await flow.establish();
      const { server } = flow;
      const numbers = { sequence: 1001, acknowledgement: 5001, flags: 'AP' };
      const request = fragmentsOf(
        { kind: 'ip', source: client.address, destination: vip, df: false, protocol: PROTOCOL.tcp },
        [tcp({ sourcePort: 40001, destinationPort: 53, ...numbers }), payload(TEXT)],
        [8, 24, 1000],
      );
      for (const fragment of request) await client.sends(...fragment);
      receivesInFragments(lab, server, 1500, [
        ip({ source: client.address, destination: server.address, ttl: 63, totalLength: 1240 }),
        tcp({ sourcePort: 40001, destinationPort: 5353, ...numbers }),
        payload(TEXT),
      ]);
      const answer = { sequence: 5001, acknowledgement: 2201, flags: 'AP' };
      const response = fragmentsOf(
        { kind: 'ip', source: server.address, destination: client.address, df: false, protocol: PROTOCOL.tcp },
        [tcp({ sourcePort: 5353, destinationPort: 40001, ...answer }), payload(TEXT)],
        [8, 24, 1000],
      );
      for (const fragment of response) await server.sends(...fragment);
      receivesInFragments(lab, client, 9000, [
        ip({ source: vip, destination: client.address, ttl: 63, totalLength: 1240 }),
        tcp({ sourcePort: 53, destinationPort: 40001, ...answer }),
        payload(TEXT),
      ]);
    },
  },
];
