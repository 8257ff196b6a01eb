import type { Case } from '../../harness/case.ts';
import type { Host, Lab } from '../../harness/lab.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';

const rulesWith = (option: '-m' | '-i' | '-g') => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
`;

const HALF_SEEN = [
  { method: 'tunnel', option: '-i', name: 'VS/TUN', claim: 'paper P22' },
  { method: 'direct-route', option: '-g', name: 'VS/DR', claim: 'paper P29' },
] as const;

const ports = { sourcePort: 40001, destinationPort: 80 };

/** The error to whoever sent the packet whose time is over. What it quotes is what came in, but for the TTL (RFC 1812 §4.3.2.3). */
function hearsOfTime(
  sender: Host,
  from: readonly string[],
  about: { readonly source: string; readonly destination: string },
): void {
  sender.receives(
    ip({ source: { oneOf: from }, destination: sender.address, protocol: 1 }),
    icmp({ type: 11, code: 0, rest: 0 }),
    ip({ ...about, id: 0x1234, totalLength: 40, ttl: { oneOf: [1, 0] } }),
    tcp({ sequence: 1000 }),
  );
}

/** The addresses that an error to the client may come from: the one he spoke to, or that of the interface (RFC 1812 §4.3.2.4). */
const directorAsSeenByClient = ({ vip, director }: Lab) => [vip, director.client.address];

export const cases: readonly Case[] = [
  {
    id: 'headers/ttl-nat',
    title: 'VS/NAT takes one from the TTL, in both directions and at every value',
    requirement: 'A router that forwards a packet reduces its TTL by one.',
    source: ['RFC 1812 §5.3.1', 'ipvs-cases A01, A04'],
    level: 'core',
    tags: ['nat', 'ttl'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const flow = lab.flow();
      await flow.establish();
      for (const ttl of [255, 128, 3, 2]) {
        await flow.clientSends('AP', { payload: `time to live ${ttl}`, ip: { ttl } });
        await flow.serverSends('AP', { payload: `time to live ${ttl}`, ip: { ttl } });
      }
    },
  },
  ...HALF_SEEN.map(({ method, option, name, claim }): Case => ({
    id: `headers/ttl-${method}`,
    title: `${name} leaves the TTL of the packet, at every value`,
    requirement: `${name} does not change the packet: its TTL is what the client sent.`,
    source: [claim, 'ipvs-cases A09, A11'],
    level: 'core',
    tags: [method, 'ttl'],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const flow = lab.flow({ method, ttl: 'kept' });
      await flow.establish();
      for (const ttl of [255, 128, 3, 2]) {
        await flow.clientSends('AP', { payload: `time to live ${ttl}`, ip: { ttl } });
      }
    },
  })),
  {
    id: 'headers/ttl-ends-nat-request',
    title: 'A request whose time is over goes no further, and its client hears so',
    requirement:
      'A router must not forward a packet with TTL 1 or 0; its sender gets time exceeded, quoting what he sent.',
    source: ['RFC 1812 §4.2.2.9, §5.3.1, §4.3.3.4', 'ipvs-cases A03'],
    level: 'core',
    tags: ['nat', 'ttl', 'icmp'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ port: 40002 });
      await flow.establish();
      for (const ttl of [1, 0]) {
        await client.sends(ip({ destination: vip, ttl }), tcp({ ...ports, flags: 'S' }));
        hearsOfTime(client, directorAsSeenByClient(lab), { source: client.address, destination: vip });
      }
      await flow.clientSends('AP', { payload: 'just in time', ip: { ttl: 2 } });
    },
  },
  {
    id: 'headers/ttl-ends-nat-response',
    title: 'A response whose time is over goes no further, and its server hears so',
    requirement:
      "A response with TTL 1 does not reach the client; the server gets time exceeded from the director's address on his wire, quoting what he himself sent.",
    source: ['RFC 1812 §5.3.1, §4.3.3.4, §4.3.2.3, §4.3.2.4', 'ipvs-cases A05'],
    level: 'core',
    tags: ['nat', 'ttl', 'icmp'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, director } = lab;
      const flow = lab.flow();
      await flow.establish();
      await flow.server.sends(
        ip({ destination: client.address, ttl: 1 }),
        tcp({ sourcePort: 80, destinationPort: 40001, acknowledgement: 1001, flags: 'A' }),
      );
      hearsOfTime(flow.server, [director.server.address], { source: flow.server.address, destination: client.address });
      client.receivesNothing();
      await flow.serverSends('AP', { payload: 'just in time', ip: { ttl: 2 } });
    },
  },
  ...HALF_SEEN.map(({ method, option, name, claim }): Case => ({
    id: `headers/ttl-ends-${method}`,
    title: `${name} forwards a packet with TTL 1, which is for the server to judge`,
    requirement: `${name} does not change the packet, so the last hop may be the server: a packet with TTL 1 reaches it.`,
    source: [claim, 'RFC 1812 §5.3.1', 'ipvs-cases A09'],
    level: 'core',
    tags: [method, 'ttl', 'icmp'],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await client.sends(ip({ destination: vip, ttl: 1 }), tcp({ ...ports, flags: 'S' }));
      lab.equal('a packet with TTL 1 is', server.hasPacket ? 'forwarded' : 'held back', 'forwarded', {
        id: 'ttl-decremented',
        value: 'held back',
      });
      if (server.hasPacket) {
        if (method === 'tunnel') server.receives(ip({ protocol: 4 }), ip({ destination: vip, ttl: 1 }), tcp(ports));
        else server.receives(ip({ destination: vip, ttl: 1 }), tcp(ports));
      } else {
        hearsOfTime(client, directorAsSeenByClient(lab), { source: client.address, destination: vip });
      }
      await lab.flow({ method, port: 40002 }).clientSends('S', { ip: { ttl: 2 } });
    },
  })),
  {
    id: 'headers/ttl-ends-entry-made',
    title: 'A request whose time is over is answered by the virtual address, and its connection exists',
    requirement:
      'The error comes from the virtual address, precedence internetwork control, and quotes TTL 1. Scheduling came first: the entry is there and counts.',
    source: ['ip_vs_xmit.c:decrement_ttl', 'icmp.c:__icmp_send', 'ipvs-cases A03'],
    level: 'ipvs',
    tags: ['nat', 'ttl', 'icmp'],
    needs: ['connections', 'services'],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip, ttl: 1 }), tcp({ ...ports, flags: 'S' }));
      client.receives(
        ip({ source: vip, tos: 0xc0, totalLength: 68, ttl: 64, df: false }),
        icmp({ type: 11, code: 0, rest: 0 }),
        ip({ destination: vip, ttl: 1 }),
        tcp(ports),
      );
      const [entry] = await lab.connections();
      lab.equal('state', entry?.state, 'SYN_RECV');
      lab.within('seconds left', entry?.expires ?? 0, 58, 60);
      lab.equal('active connections', (await lab.services())[0]?.servers[0]?.active, 1);
    },
  },
];
