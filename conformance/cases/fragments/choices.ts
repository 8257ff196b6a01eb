import { PROTOCOL } from '../../../reference/wire/ipv4.ts';
import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { fragmentsOf } from './fragments-of.ts';
import { NAT, requestOf, rulesOf, serverGets, VARIANTS } from './variants.ts';

const TEXT = everyByte(1200);

export const cases: readonly Case[] = [
  ...VARIANTS.flatMap((variant): Case[] => {
    const { method, name } = variant;
    return [false, true].map((df) => ({
      id: `fragments/${method}-sizes${df ? '-df' : ''}`,
      title: `${name} sends a request on in fragments as large as they came${df ? ', DF on each' : ''}`,
      requirement:
        method === 'tunnel'
          ? 'The outer packet is cut at the size of the largest fragment, the inner one is whole; if that had DF the outer fragments have DF, and identification 0.'
          : 'Fragments of 820 and 428 bytes leave with the same sizes, whichever came first, though the wire takes more; with DF if the largest had it.',
      source: ['ip_output.c:ip_do_fragment', `ipvs-cases ${method === 'tunnel' ? 'B16, B17' : 'B13, B14, B15'}`],
      level: 'ipvs',
      tags: [method, 'fragment', 'udp'],
      needs: [],
      rules: rulesOf(variant),
      async script({ client, servers: [server], vip }) {
        const fragments = requestOf(client, vip, TEXT, { df });
        for (const inOrder of [true, false]) {
          for (const fragment of inOrder ? fragments : [...fragments].reverse()) await client.sends(...fragment);
          if (method === 'tunnel') {
            const id = df ? { id: 0 } : {};
            server.receives(
              ip({ protocol: 4, totalLength: 820, mf: true, offset: 0, df, ...id }),
              ip({ totalLength: 1228 }),
            );
            server.receives(ip({ protocol: 4, totalLength: 448, mf: false, offset: 800, df, ...id }));
          } else {
            server.receives(ip({ totalLength: 820, mf: true, offset: 0, df, ttl: 63 }));
            server.receives(ip({ totalLength: 428, mf: false, offset: 800, df, ttl: 63 }));
          }
        }
      },
    }));
  }),
  {
    id: 'fragments/smaller-than-wire',
    title: 'Many small fragments are put together and cut again at the size of the largest',
    requirement: 'Fragments of 104, 304 and 250 bytes of data leave as 304, 304 and 50.',
    source: ['ip_output.c:ip_do_fragment', 'ip_fragment.c:ip_frag_reasm'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script({ client, servers: [server], vip }) {
      const request = fragmentsOf(
        { kind: 'ip', source: client.address, destination: vip, df: false, protocol: PROTOCOL.udp },
        [udp({ sourcePort: 5000, destinationPort: 53 }), payload(everyByte(650))],
        [104, 408],
      );
      for (const fragment of request) await client.sends(...fragment);
      server.receives(ip({ totalLength: 324, mf: true, offset: 0 }));
      server.receives(ip({ totalLength: 324, mf: true, offset: 304 }));
      server.receives(ip({ totalLength: 70, mf: false, offset: 608 }));
    },
  },
  {
    id: 'fragments/overlap',
    title: 'A datagram whose fragments overlap is dropped whole',
    requirement:
      'Overlapping fragments are an attack: the datagram is given up, and fragments of it that come later make no datagram.',
    source: ['ip_fragment.c:ip_frag_queue', 'RFC 5722 §4'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const [first, [header, data]] = requestOf(client, vip, TEXT);
      await client.sends(...first);
      await client.sends({ ...header, offset: 792 }, data);
      await client.sends(header, data);
      lab.nothingElse();
      for (const fragment of requestOf(client, vip, TEXT, { id: 2 })) await client.sends(...fragment);
      serverGets(lab, NAT, client, TEXT, 2);
    },
  },
  {
    id: 'fragments/ecn-mixed',
    title: 'Fragments of which one is capable of ECN and another not make no datagram',
    requirement: 'A mix of "not capable" and other ECN fields cannot come from one sender: the datagram is dropped.',
    source: ['ip_fragment.c:ip_frag_reasm', 'inet_fragment.c:ip_frag_ecn_table', 'RFC 3168 §5.3'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'ecn'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const [first, [header, data]] = requestOf(client, vip, TEXT);
      await client.sends(...first);
      await client.sends({ ...header, tos: 0x03 }, data);
      lab.nothingElse();
      for (const fragment of requestOf(client, vip, TEXT, { id: 2 })) await client.sends(...fragment);
      serverGets(lab, NAT, client, TEXT, 2);
    },
  },
  {
    id: 'fragments/header-of-first',
    title: 'The header of the whole is that of the fragment that holds the beginning',
    requirement: 'TOS, TTL and options of the first fragment count, whichever came first.',
    source: ['ip_fragment.c:ip_frag_reasm', 'RFC 791 §3.2'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script({ client, servers: [server], vip }) {
      const [[header, data], [laterHeader, laterData]] = requestOf(client, vip, TEXT);
      await client.sends({ ...laterHeader, tos: 0x10, ttl: 99 }, laterData);
      await client.sends({ ...header, tos: 0x20, ttl: 33 }, data);
      server.receives(ip({ tos: 0x20, ttl: 32, offset: 0 }));
      server.receives(ip({ tos: 0x20, ttl: 32, offset: 800 }));
    },
  },
  {
    id: 'fragments/first-without-rest',
    title: 'A request whose rest does not come is given up after 30 seconds, and its sender told',
    requirement:
      'After 30 s what is incomplete is discarded; if its first fragment came, the sender gets time exceeded in reassembly from the virtual address.',
    source: ['ip_fragment.c:ip_expire', 'RFC 1122 §3.3.2'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'icmp'],
    needs: ['clock'],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const [first, second] = requestOf(client, vip, TEXT);
      await client.sends(...first);
      await lab.wait(29);
      lab.nothingElse();
      await lab.wait(3);
      client.receives(
        ip({ source: vip, tos: 0xc0, totalLength: 576 }),
        icmp({ type: 11, code: 1, rest: 0 }),
        ip({ destination: vip, mf: true, offset: 0, totalLength: 820 }),
        udp({ sourcePort: 5000, destinationPort: 53 }),
      );
      await client.sends(...second);
      lab.nothingElse();
      // Without a first fragment there is nobody to tell whom the datagram was for.
      await lab.wait(35);
      lab.nothingElse();
    },
  },
  {
    id: 'fragments/response-without-rest',
    title: 'A response whose rest does not come is given up after 30 seconds, and its server told',
    requirement: "The server gets time exceeded in reassembly from the director's address on his wire.",
    source: ['ip_fragment.c:ip_expire', 'ip_vs_core.c:ip_vs_gather_frags'],
    level: 'ipvs',
    tags: ['nat', 'fragment', 'icmp'],
    needs: ['clock'],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, director } = lab;
      const flow = lab.flow({ protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 });
      await flow.clientSends();
      const { server } = flow;
      const [first] = fragmentsOf(
        { kind: 'ip', source: server.address, destination: client.address, df: false, protocol: PROTOCOL.udp },
        [udp({ sourcePort: 5353, destinationPort: 5000 }), payload(TEXT)],
        [800],
      );
      await server.sends(...first);
      await lab.wait(32);
      server.receives(
        ip({ source: director.server.address, destination: server.address }),
        icmp({ type: 11, code: 1, rest: 0 }),
        ip({ source: server.address, mf: true, offset: 0 }),
      );
    },
  },
];
