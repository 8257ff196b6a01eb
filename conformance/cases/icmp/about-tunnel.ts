import type { IcmpFields } from '../../../reference/wire/layer.ts';
import type { Case } from '../../harness/case.ts';
import type { ExpectedFields } from '../../harness/expectation.ts';
import type { Lab, Packet } from '../../harness/lab.ts';
import { icmp, ip, payload, tcp } from '../../harness/layers.ts';
import { datagramOf, quote, templateOf } from './icmp-packets.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
`;

/** A router between director and server reports about a tunnel packet, which it quotes from its outer header on. */
async function routerReports(lab: Lab, error: IcmpFields, about: Packet): Promise<void> {
  const { director, router } = lab;
  await router.sends(ip({ destination: director.server.address }), icmp(error), quote(about));
}

/** The client hears of it as if there were no tunnel: the quote is the packet inside, as it went into the tunnel. */
function clientHears(lab: Lab, error: ExpectedFields<IcmpFields>, about: Packet): void {
  const { client, director, vip } = lab;
  const inner = datagramOf(about).subarray(20);
  client.receives(
    { kind: 'ethernet', source: director.client.mac, destination: client.mac },
    ip({
      source: { oneOf: [vip, director.client.address] },
      destination: client.address,
      protocol: 1,
      totalLength: 28 + inner.length,
    }),
    icmp(error),
    ...templateOf(inner),
  );
}

const RELAYED = 'tunnel-errors-as-they-are';

export const cases: readonly Case[] = [
  {
    id: 'icmp/tunnel-unreachable',
    title: 'A client hears that the far end of its tunnel cannot be reached',
    requirement:
      'Network or host unreachable from within the tunnel becomes host unreachable (or network unreachable) about the packet inside, sent to the client from the virtual address or the director’s own: the tunnel and the servers’ addresses do not show.',
    source: ['paper P4', 'RFC 2003 §4, §4.1', 'ipvs-cases F19'],
    level: 'core',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel' });
      await flow.establish();
      const about = await flow.clientSends('AP', { payload: 'GET / HTTP/1.0\r\n\r\n' });
      for (const code of [0, 1]) {
        await routerReports(lab, { type: 3, code }, about);
        clientHears(lab, { type: 3, code: { oneOf: [0, 1] }, rest: 0 }, about);
      }
      await flow.clientSends('A');
    },
  },
  {
    id: 'icmp/tunnel-protocol-unreachable',
    title: 'A server that knows no IPIP is an unreachable host to the client',
    requirement:
      "Protocol unreachable speaks of the tunnel's protocol, which the client never used: he hears host or network unreachable.",
    source: ['paper P4, P27', 'RFC 2003 §4.1'],
    level: 'core',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel' });
      const about = await flow.clientSends('S');
      await flow.server.sends(
        ip({ destination: lab.director.server.address }),
        icmp({ type: 3, code: 2 }),
        quote(about),
      );
      const code = { required: 1, deviates: 2, deviation: RELAYED };
      clientHears(lab, { type: 3, code, rest: 0 }, about);
    },
  },
  {
    id: 'icmp/tunnel-time-exceeded',
    title: 'A loop within the tunnel is an unreachable host to the client',
    requirement:
      "Time exceeded within the tunnel must be reported as host unreachable: the client's own packet did not live too long.",
    source: ['paper P4', 'RFC 2003 §4.4'],
    level: 'core',
    tags: ['tunnel', 'icmp', 'ttl'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel' });
      const about = await flow.clientSends('S');
      await routerReports(lab, { type: 11, code: 0 }, about);
      const type = { required: 3, deviates: 11, deviation: RELAYED };
      const code = { required: 1, deviates: 0, deviation: RELAYED };
      clientHears(lab, { type, code, rest: 0 }, about);
    },
  },
  ...(
    [
      { type: 3, code: 3, name: 'port unreachable', why: 'the tunnel has no ports', section: '§4.1' },
      {
        type: 3,
        code: 5,
        name: 'source route failed',
        why: 'the client gave no route for the tunnel',
        section: '§4.1',
      },
      {
        type: 4,
        code: 0,
        name: 'source quench',
        why: 'congestion in the tunnel is for the director to deal with',
        section: '§4.2',
      },
    ] as const
  ).map(({ type, code, name, why, section }): Case => ({
    id: `icmp/tunnel-private-${type}-${code}`,
    title: `"${name[0]?.toUpperCase()}${name.slice(1)}" within the tunnel is not for the client`,
    requirement: `This error is not relayed to the sender of the packet inside: ${why}. Host unreachable is, from the same router.`,
    source: ['paper P4', `RFC 2003 ${section}`],
    level: 'core',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel' });
      const about = await flow.clientSends('S');
      await routerReports(lab, { type, code }, about);
      const relayed = lab.client.hasPacket;
      lab.equal('the error is relayed to the client', relayed, false, { id: RELAYED, value: true });
      if (relayed) clientHears(lab, { type, code, rest: 0 }, about);
      await routerReports(lab, { type: 3, code: 1 }, about);
      clientHears(lab, { type: 3, code: { oneOf: [0, 1] } }, about);
    },
  })),
  {
    id: 'icmp/tunnel-path-mtu',
    title: 'A client learns the path MTU of its tunnel at the first error',
    requirement:
      'Fragmentation needed within the tunnel must be relayed to the client, with the MTU that the router named less the tunnel header.',
    source: ['paper P4', 'RFC 2003 §4.1, §5.1', 'RFC 1191 §4', 'ipvs-cases F23'],
    level: 'core',
    tags: ['tunnel', 'icmp', 'mtu'],
    needs: [],
    rules,
    async script(lab) {
      const flow = lab.flow({ method: 'tunnel' });
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(1440) });
      await routerReports(lab, { type: 3, code: 4, rest: 1400 }, about);
      const inner = datagramOf(about).subarray(20);
      lab.client.receives(
        ip({ source: { oneOf: [lab.vip, lab.director.client.address] }, destination: lab.client.address, protocol: 1 }),
        icmp({ type: 3, code: 4, rest: { required: 1380, deviates: 1480, deviation: 'tunnel-mtu-of-before' } }),
        ...templateOf(inner.subarray(0, 20)),
      );
    },
  },
  {
    id: 'icmp/tunnel-path-mtu-kept',
    title: 'What is too large for a tunnel is refused from then on by the director itself',
    requirement:
      'The path MTU of a tunnel is remembered: of later packets with DF, the largest that fits with its outer header is forwarded, and one byte more is answered by fragmentation needed with the MTU less that header.',
    source: ['RFC 2003 §5.1', 'RFC 1191 §4', 'ipvs-cases B07, F25'],
    level: 'core',
    tags: ['tunnel', 'icmp', 'mtu'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      const flow = lab.flow({ method: 'tunnel' });
      await flow.establish();
      const about = await flow.clientSends('A', { payload: 'm'.repeat(1440) });
      await routerReports(lab, { type: 3, code: 4, rest: 1400 }, about);
      // What this error says is asked by `icmp/tunnel-path-mtu`.
      client.receives(ip({ destination: client.address }), icmp({ type: 3, code: 4 }));
      await flow.clientSends('A');
      await flow.clientSends('A', { payload: 'm'.repeat(1340) });
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 5555, acknowledgement: 5001, flags: 'A' }),
        payload('m'.repeat(1341)),
      );
      client.receives(
        ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: 4, rest: 1380 }),
        ip({ source: client.address, destination: vip, totalLength: 1381, id: 0x1234 }),
        tcp({ sourcePort: 40001, destinationPort: 80, sequence: 5555 }),
      );
    },
  },
];
