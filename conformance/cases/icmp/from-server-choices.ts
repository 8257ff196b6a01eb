import { toHex } from '../../../reference/wire/hex.ts';
import { buildPacket, checksumErrors } from '../../../reference/wire/packet.ts';
import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload } from '../../harness/layers.ts';
import { datagramOf, quote, quoteWithNames, renamedQuote, templateOf } from './icmp-packets.ts';

const rules = `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
`;

const udpFlow = { protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 } as const;

const backTranslated = { side: 'destination', address: '10.0.0.100', port: 53, transportChecksum: 'stale' } as const;

export const cases: readonly Case[] = [
  {
    id: 'icmp/server-error-exact',
    title: 'Linux corrects the quoted IP checksum and leaves the quoted UDP checksum as the server had it',
    requirement:
      'The quoted IP header gets a right checksum, the ICMP checksum covers the translated quote, and the checksum of the quoted datagram is not touched.',
    source: ['ip_vs_core.c:ip_vs_nat_icmp', 'ipvs-cases F01'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      // Sent without checksum; the translation gives it one (ipvs-cases A23).
      const about = await flow.clientSends('', { payload: 'x'.repeat(10), udp: { checksum: 0 } });
      await flow.server.sends(ip({ destination: client.address }), icmp({ type: 3, code: 3 }), quote(about, 28));
      client.receives(
        ip({ source: vip, ttl: 63, totalLength: 56 }),
        icmp({ type: 3, code: 3, rest: 0, checksum: 0x37e4 }),
        ip({ source: client.address, destination: vip, ttl: 63, totalLength: 38 }),
        { kind: 'udp', sourcePort: 5000, destinationPort: 53, length: 18, checksum: 0xb149 },
      );
    },
  },
  {
    id: 'icmp/server-source-quench',
    title: 'Source quench is translated like the other errors',
    requirement: 'Of the ICMP errors Linux translates destination unreachable, time exceeded and source quench.',
    source: ['ip_vs_core.c:ip_vs_out_icmp', 'ipvs-cases F05'],
    level: 'ipvs',
    tags: ['nat', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends();
      await flow.server.sends(ip({ destination: client.address }), icmp({ type: 4, code: 0 }), quote(about));
      client.receives(
        ip({ source: vip, destination: client.address, ttl: 63 }),
        icmp({ type: 4, code: 0, rest: 0 }),
        ...quoteWithNames(about, backTranslated),
      );
    },
  },
  {
    id: 'icmp/server-redirect-untouched',
    title: "A redirect or parameter problem passes with the server's own addresses in it",
    requirement:
      'ICMP messages other than unreachable, source quench and time exceeded are forwarded as they are, private addresses and all.',
    source: ['ip_vs_core.c:ip_vs_out_icmp', 'ipvs-cases F04'],
    level: 'ipvs',
    tags: ['nat', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const { client } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends();
      for (const error of [
        { type: 5, code: 0, rest: 0xc0a801fe },
        { type: 12, code: 0, rest: 0x14000000 },
      ]) {
        await flow.server.sends(ip({ destination: client.address }), icmp(error), quote(about));
        client.receives(
          ip({ source: flow.server.address, destination: client.address, ttl: 63 }),
          icmp(error),
          ...templateOf(datagramOf(about)),
        );
      }
    },
  },
  {
    id: 'icmp/server-echo-routed',
    title: "A server's ping goes to the client as it is",
    requirement: 'ICMP queries belong to no connection: an echo request of a server is routed with its own source.',
    source: ['ip_vs_core.c:ip_vs_out_icmp', 'ipvs-cases F06'],
    level: 'ipvs',
    tags: ['nat', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const { client } = lab;
      const flow = lab.flow(udpFlow);
      await flow.clientSends();
      const echo = { type: 8, code: 0, rest: 0x00070001 };
      await flow.server.sends(ip({ destination: client.address }), icmp(echo), payload('are you there?'));
      client.receives(
        ip({ source: flow.server.address, destination: client.address, ttl: 63, totalLength: 42 }),
        icmp(echo),
        payload('are you there?'),
      );
    },
  },
  {
    id: 'icmp/server-error-unknown',
    title: 'An error about no connection passes as it is',
    requirement:
      'Where the quoted packet is of no connection, or the quote too short for its ports, the error is routed unchanged.',
    source: ['ip_vs_core.c:ip_vs_out_icmp', 'ipvs-cases F07'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'connection'],
    needs: [],
    rules,
    async script(lab) {
      const { client, servers } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends();
      const ofAnotherPort = renamedQuote(about, { side: 'destination', address: servers[0].address, port: 5354 });
      const quotes = [ofAnotherPort, datagramOf(about).subarray(0, 20), datagramOf(about).subarray(0, 22)];
      for (const bytes of quotes) {
        await servers[0].sends(ip({ destination: client.address }), icmp({ type: 3, code: 3 }), payload(bytes));
        client.receives(
          ip({ source: servers[0].address, ttl: 63, totalLength: 28 + bytes.length }),
          icmp({ type: 3, code: 3, rest: 0 }),
          ...templateOf(bytes),
        );
      }
      // Control: 24 bytes hold the ports, and are translated.
      await servers[0].sends(ip({ destination: client.address }), icmp({ type: 3, code: 3 }), quote(about, 24));
      client.receives(
        ip({ source: lab.vip, ttl: 63, totalLength: 52 }),
        icmp({ type: 3, code: 3 }),
        ...quoteWithNames(about, backTranslated, 24),
      );
    },
  },
  {
    id: 'icmp/server-error-damaged',
    title: 'A damaged error about a request is not made good',
    requirement:
      'An error whose checksum is wrong is dropped or arrives with a checksum that is still wrong: the translation must not hide the damage.',
    source: ['paper P17', 'RFC 5508 §4.1', 'RFC 792'],
    level: 'core',
    tags: ['nat', 'icmp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends();
      const reports = ip({ destination: client.address });
      const error = { type: 3, code: 3 };
      await flow.server.sends(reports, icmp({ ...error, checksum: 0x1234 }), quote(about));
      if (client.hasPacket) {
        const { bytes } = client.receives(ip(), icmp({ ...error, checksum: { any: true } }));
        lab.equal('wrong checksums of the damaged error', checksumErrors(bytes).length, 1);
      }
      await flow.server.sends(reports, icmp(error), quote(about));
      client.receives(
        ip({ source: vip }),
        icmp(error),
        ...quoteWithNames(about, { ...backTranslated, transportChecksum: 'either' }),
      );
    },
  },
  {
    id: 'icmp/server-error-damaged-dropped',
    title: 'A damaged error about a request is dropped',
    requirement: 'The checksum of an error about a translated packet is verified; a wrong one is the end of it.',
    source: ['ip_vs_core.c:handle_response_icmp', 'ipvs-cases F11'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends();
      const reports = ip({ destination: client.address });
      await flow.server.sends(reports, icmp({ type: 3, code: 3, checksum: 0x1234 }), quote(about));
      client.receivesNothing();
      await flow.server.sends(reports, icmp({ type: 3, code: 3 }), quote(about));
      client.receives(ip({ source: vip }), icmp({ type: 3, code: 3 }), ...quoteWithNames(about, backTranslated));
    },
  },
  {
    id: 'icmp/server-error-in-fragments',
    title: 'An error in fragments is put together, translated and cut up again',
    requirement:
      'A fragmented ICMP error is reassembled for the translation; it leaves in fragments no larger than those that came.',
    source: ['ip_vs_core.c:ip_vs_out_icmp'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'fragment'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      const about = await flow.clientSends('', { payload: 'f'.repeat(472) });
      // Its checksum is that of the whole.
      const message = buildPacket([icmp({ type: 3, code: 3 }), quote(about)]);
      const header = { destination: client.address, id: 0x4242, df: false, protocol: 1 };
      await flow.server.sendsTogether([
        [ip({ ...header, mf: true }), payload(message.subarray(0, 400))],
        [ip({ ...header, offset: 400 }), payload(message.subarray(400))],
      ]);
      const translated = buildPacket([icmp({ type: 3, code: 3 }), payload(renamedQuote(about, backTranslated))]);
      const common = { source: vip, destination: client.address, id: 0x4242, df: false, protocol: 1, ttl: 63 };
      const pieces = [
        client.receives(ip({ ...common, mf: true, offset: 0, totalLength: 420 })),
        client.receives(ip({ ...common, mf: false, offset: 400, totalLength: 128 })),
      ];
      const together = pieces.map((piece) => toHex(datagramOf(piece).subarray(20))).join('');
      lab.equal('the error put together', together, toHex(translated));
    },
  },
];
