import { PROTOCOL } from '../../../reference/wire/ipv4.ts';
import type { Case } from '../../harness/case.ts';
import { ip, payload, udp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { fragmentsOf } from './fragments-of.ts';
import { NAT, requestOf, rulesOf, serverGets, VARIANTS } from './variants.ts';

const TEXT = everyByte(1200);

export const cases: readonly Case[] = [
  ...VARIANTS.flatMap((variant): Case[] => {
    const { method, name, claim } = variant;
    return [
      {
        id: `fragments/${method}-request`,
        title: `${name} balances a request that comes in fragments`,
        requirement:
          'All of a datagram goes to one server, though only its first fragment says for which service it is; in whichever order the fragments come.',
        source: [claim, 'RFC 791 §3.2', 'ipvs-cases B14, B15, B16'],
        level: 'core',
        tags: [method, 'fragment', 'udp'],
        needs: [],
        rules: rulesOf(variant),
        async script(lab) {
          const { client, vip } = lab;
          for (const fragment of requestOf(client, vip, TEXT)) await client.sends(...fragment);
          serverGets(lab, variant, client, TEXT);
          for (const fragment of [...requestOf(client, vip, TEXT, { id: 7 })].reverse())
            await client.sends(...fragment);
          serverGets(lab, variant, client, TEXT, 7);
        },
      },
      {
        id: `fragments/${method}-largest-datagram`,
        title: `${name} balances the largest datagram there is`,
        requirement: 'A datagram may have 65535 bytes, of which a tunnel header takes 20; it arrives byte for byte.',
        source: [claim, 'RFC 791 §3.1', 'RFC 2003 §3.1'],
        level: 'core',
        tags: [method, 'fragment', 'udp'],
        needs: [],
        rules: rulesOf(variant),
        async script(lab) {
          const { client, vip } = lab;
          const text = everyByte(65535 - 28 - (method === 'tunnel' ? 20 : 0));
          const cuts = [1, 2, 3, 4, 5, 6, 7].map((part) => part * 8968);
          const request = fragmentsOf(
            { kind: 'ip', source: client.address, destination: vip, df: false, protocol: PROTOCOL.udp },
            [udp({ sourcePort: 5000, destinationPort: 53 }), payload(text)],
            cuts,
          );
          for (const fragment of request) await client.sends(...fragment);
          serverGets(lab, variant, client, text);
        },
      },
    ];
  }),
  {
    id: 'fragments/interleaved',
    title: 'Fragments of several datagrams in turn are not mixed up',
    requirement:
      'Fragments belong together by source, destination, protocol and identification: another datagram of the client, or one of another client with the same identification, is another.',
    source: ['RFC 791 §3.2', 'paper P11, P12'],
    level: 'core',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, otherClient, vip } = lab;
      const senders = [
        { host: client, id: 1, text: everyByte(1200, 1) },
        { host: client, id: 2, text: everyByte(1201, 2) },
        { host: otherClient, id: 1, text: everyByte(1202, 3) },
      ];
      for (const { host, id, text } of senders) await host.sends(...requestOf(host, vip, text, { id })[0]);
      for (const { host, id, text } of senders) {
        await host.sends(...requestOf(host, vip, text, { id })[1]);
        serverGets(lab, NAT, host, text, id);
      }
    },
  },
  {
    id: 'fragments/repeated',
    title: 'A fragment that comes twice does no harm',
    requirement: 'Networks repeat packets: the datagram is whole once every byte has come, and comes once.',
    source: ['RFC 791 §3.2', 'RFC 1122 §3.3.2'],
    level: 'core',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const [first, second] = requestOf(client, vip, TEXT);
      await client.sends(...first);
      await client.sends(...first);
      await client.sends(...second);
      serverGets(lab, NAT, client, TEXT);
    },
  },
  {
    id: 'fragments/congestion-kept',
    title: 'Congestion that one fragment met is not forgotten',
    requirement:
      'If any fragment of a datagram was marked "congestion experienced", the datagram must carry the mark after reassembly, or that fragment as it travels on.',
    source: ['RFC 3168 §5.3'],
    level: 'core',
    tags: ['nat', 'fragment', 'ecn'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      const [[header, data], [laterHeader, laterData]] = requestOf(client, vip, TEXT);
      await client.sends({ ...header, tos: 0x02 }, data);
      await client.sends({ ...laterHeader, tos: 0x03 }, laterData);
      const marks: (number | undefined)[] = [];
      while (server.hasPacket) {
        const [layer] = server
          .receives(ip({ destination: server.address }))
          .layers.flatMap(({ layer: found }) => (found.kind === 'ip' ? [found] : []));
        marks.push(layer?.tos);
      }
      lab.equal('a fragment carries the mark', marks.includes(0x03), true);
      for (const fragment of requestOf(client, vip, TEXT, { id: 2 })) await client.sends(...fragment);
      serverGets(lab, NAT, client, TEXT, 2);
    },
  },
  {
    id: 'fragments/later-alone',
    title: 'A fragment without its first is for no server',
    requirement:
      'Only the first fragment has the ports that say which service is meant: a later one is not forwarded before it has come, and makes no connection.',
    source: ['RFC 791 §3.2', 'paper P11', 'ipvs-cases B23'],
    level: 'core',
    tags: ['nat', 'fragment', 'udp'],
    needs: [],
    rules: rulesOf(NAT),
    async script(lab) {
      const { client, vip } = lab;
      const [first, second] = requestOf(client, vip, TEXT);
      await client.sends(...second);
      lab.nothingElse();
      await client.sends(...first);
      serverGets(lab, NAT, client, TEXT);
    },
  },
];
