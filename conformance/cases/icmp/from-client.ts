import type { IcmpFields, IpFields } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab, Packet } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';
import { checksumErrors } from '../../../reference/wire/packet.ts';
import { datagramOf, quote, quoteWithNames } from './icmp-packets.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;
const udpRules = `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
`;

const udpFlow = { protocol: 'udp', port: 5000, virtualPort: 53, realPort: 5353 } as const;

/** The first server must hear what somebody on the clients' side said of its answer, in the names that the server knows. */
function serverHears(
  lab: Lab,
  outer: IpFields,
  error: IcmpFields,
  about: Packet,
  { realPort, quoted }: { readonly realPort: number; readonly quoted?: number },
): void {
  const [server] = lab.servers;
  server.receives(
    { kind: 'ethernet', source: lab.director.server.mac, destination: server.mac },
    ip({ destination: server.address, protocol: 1, ...outer }),
    icmp({ rest: 0, ...error }),
    ...quoteWithNames(
      about,
      { side: 'source', address: server.address, port: realPort, transportChecksum: 'either' },
      quoted,
    ),
  );
}

const ERRORS: readonly (IcmpFields & { readonly name: string })[] = [
  { type: 3, code: 1, name: 'host unreachable' },
  { type: 3, code: 3, name: 'port unreachable' },
  { type: 3, code: 13, name: 'communication administratively prohibited' },
  { type: 11, code: 0, name: 'time to live exceeded' },
  { type: 11, code: 1, name: 'reassembly time exceeded' },
];

export const cases: readonly Case[] = [
  {
    id: 'icmp/client-port-unreachable',
    title: 'The server hears that nobody waits for its answer any more',
    requirement:
      "An ICMP error about a translated response goes to the server that sent it, and quotes the response with the server's own address and port. The source is who reports, the quoted IP header is consistent, nothing else changes.",
    source: ['paper P12', 'RFC 3022 §4.3', 'RFC 5508 §4.2', 'ipvs-cases F08'],
    level: 'core',
    tags: ['nat', 'icmp', 'udp'],
    needs: [],
    rules: udpRules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow(udpFlow);
      await flow.clientSends();
      const about = await flow.serverSends('', { payload: 'an answer that comes too late', ip: { ttl: 51 } });
      for (const quoted of [28, 57]) {
        const outer = { id: 0x6161, tos: 0xc0, df: false, totalLength: 28 + quoted };
        await client.sends(ip({ ...outer, destination: vip }), icmp({ type: 3, code: 3 }), quote(about, quoted));
        const expected = { ...outer, source: client.address, ttl: 63 };
        serverHears(lab, expected, { type: 3, code: 3 }, about, { realPort: 5353, quoted });
      }
    },
  },
  ...ERRORS.map(({ name, ...error }): Case => ({
    id: `icmp/client-error-${error.type}-${error.code}`,
    title: `"${name[0]?.toUpperCase()}${name.slice(1)}" about a response reaches its server as such`,
    requirement:
      'Type and code of an ICMP error are for the server: they stay, while addresses and ports become its own. The connection goes on.',
    source: ['paper P12', 'RFC 3022 §4.3', 'RFC 5508 §4.2', 'RFC 1122 §3.2.2.1, §3.2.2.4'],
    level: 'core',
    tags: ['nat', 'icmp', 'tcp'],
    needs: [],
    rules,
    async script(lab) {
      const { client, gateway, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      const about = await flow.serverSends('AP', { payload: 'HTTP/1.0 200 OK\r\n\r\n' });
      await gateway.sends(ip({ destination: vip }), icmp(error), quote(about));
      serverHears(lab, { source: gateway.address, ttl: 63 }, error, about, { realPort: 8080 });
      await client.sends(ip({ destination: vip }), icmp(error), quote(about, 28));
      serverHears(lab, { source: client.address, ttl: 63 }, error, about, { realPort: 8080, quoted: 28 });
      await flow.clientSends('A');
    },
  })),
  {
    id: 'icmp/client-path-mtu',
    title: 'A server learns the path MTU to its client',
    requirement:
      'Fragmentation needed from any router on the way to the client reaches the server with the MTU of the next hop and the address of that router unchanged.',
    source: ['paper P12, P19', 'RFC 1191 §4, §6', 'RFC 5508 §4.2', 'ipvs-cases F09'],
    level: 'core',
    tags: ['nat', 'icmp', 'mtu'],
    needs: [],
    rules,
    async script(lab) {
      const { director, gateway, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('A', { payload: 'm'.repeat(1460) });
      const error = { type: 3, code: 4, rest: 1400 };
      // A router far away; its packet comes by the gateway.
      const outer = { source: '10.9.9.9', ttl: 57 };
      await gateway.sends(
        { kind: 'ethernet', destination: director.client.mac },
        ip({ ...outer, destination: vip }),
        icmp(error),
        quote(about, 28),
      );
      serverHears(lab, { ...outer, ttl: 56 }, error, about, { realPort: 8080, quoted: 28 });
      await flow.serverSends('A', { payload: 'm'.repeat(1360) });
    },
  },
  {
    id: 'icmp/client-error-to-its-server',
    title: 'An error goes to the server of the quoted connection',
    requirement:
      'Of two connections to two servers, an error about the one reaches its server and not the other; an error about none reaches no server.',
    source: ['paper P4, P12', 'RFC 792', 'ipvs-cases F16'],
    level: 'core',
    tags: ['nat', 'icmp', 'connection'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 -m -w 1
    `,
    async script(lab) {
      const { client, vip } = lab;
      const flows = [lab.flow({ port: 40001 }), lab.flow({ port: 40002 })];
      const answers: Packet[] = [];
      for (const flow of flows) {
        await flow.establish();
        answers.push(await flow.serverSends('AP', { payload: 'answer' }));
      }
      for (const [index, flow] of flows.entries()) {
        const about = answers[index];
        if (about === undefined) continue;
        await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 3 }), quote(about));
        const names = { side: 'source', address: flow.server.address, port: 80, transportChecksum: 'either' } as const;
        flow.server.receives(ip({ destination: flow.server.address }), icmp(), ...quoteWithNames(about, names));
      }
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 3 }),
        ip({ source: vip, destination: client.address }),
        tcp({ sourcePort: 80, destinationPort: 40003 }),
      );
      lab.nothingElse();
    },
  },
  {
    id: 'icmp/client-error-damaged',
    title: 'A damaged error about a response is not made good',
    requirement:
      'An error whose checksum is wrong is dropped or arrives with a checksum that is still wrong: the translation must not hide the damage.',
    source: ['paper P17', 'RFC 5508 §4.1', 'RFC 792'],
    level: 'core',
    tags: ['nat', 'icmp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, servers, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'answer' });
      await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 3, checksum: 0x1234 }), quote(about));
      if (servers[0].hasPacket) {
        const { bytes } = servers[0].receives(ip(), icmp({ type: 3, code: 3, checksum: { any: true } }));
        lab.equal('wrong checksums of the damaged error', checksumErrors(bytes).length, 1);
      }
      await client.sends(ip({ destination: vip }), icmp({ type: 3, code: 3 }), quote(about));
      serverHears(lab, { source: client.address }, { type: 3, code: 3 }, about, { realPort: 8080 });
    },
  },
  {
    id: 'icmp/quoted-later-fragment',
    title: 'An error about a later fragment is about no connection',
    requirement:
      'A fragment other than the first carries data where the first has its ports: an error that quotes one is related to no connection, even if the data look like ports.',
    source: ['RFC 791 §2.3', 'paper P12', 'ipvs-cases F18'],
    level: 'core',
    tags: ['nat', 'icmp', 'fragment'],
    needs: [],
    rules,
    async script(lab) {
      const { client, servers, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'answer' });
      const error = { type: 11, code: 1 };
      const fragment = ip({
        source: vip,
        destination: client.address,
        id: 0x7777,
        df: false,
        offset: 1480,
        protocol: 6,
      });
      // Of the data, eight bytes: they begin as a TCP header from port 80 to 40001 would.
      await client.sends(ip({ destination: vip }), icmp(error), fragment, {
        kind: 'payload',
        data: '00509c4101020304',
      });
      const related = servers[0].hasPacket;
      lab.equal('a server gets the error', related, false, { id: 'quoted-fragment-has-ports', value: true });
      if (related) servers[0].receives(ip({ destination: servers[0].address }), icmp(error), ip({ offset: 1480 }));
      await client.sends(ip({ destination: vip }), icmp(error), quote(about));
      serverHears(lab, { source: client.address }, error, about, { realPort: 8080 });
    },
  },
  {
    id: 'icmp/no-error-about-error',
    title: 'An error that cannot be forwarded is not answered by another error',
    requirement:
      'No ICMP error is sent about an ICMP error: one whose TTL ends at the director goes no further in either direction, and nobody hears of it.',
    source: ['RFC 1122 §3.2.2', 'RFC 1812 §4.3.2.7'],
    level: 'core',
    tags: ['nat', 'icmp', 'ttl'],
    needs: [],
    rules,
    async script(lab) {
      const { client, servers, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const request = await flow.clientSends('AP', { payload: 'request' });
      const answer = await flow.serverSends('AP', { payload: 'answer' });
      const error = { type: 3, code: 3 };
      await client.sends(ip({ destination: vip, ttl: 1 }), icmp(error), quote(answer));
      await servers[0].sends(ip({ destination: client.address, ttl: 1 }), icmp(error), quote(request));
      lab.nothingElse();
      await client.sends(ip({ destination: vip, ttl: 2 }), icmp(error), quote(answer));
      serverHears(lab, { source: client.address, ttl: 1 }, error, answer, { realPort: 8080 });
      await servers[0].sends(ip({ destination: client.address, ttl: 2 }), icmp(error), quote(request));
      client.receives(ip({ source: vip, ttl: 1, totalLength: 28 + datagramOf(request).length }), icmp(error));
    },
  },
];
