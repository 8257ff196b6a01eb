import type { Case } from '../../harness/case.ts';
import { portsWith } from '../../harness/default-environment.ts';
import type { FlowOptions } from '../../harness/flow.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, tcp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { receivesInFragments } from '../fragments/receives-in-fragments.ts';

type Method = NonNullable<FlowOptions['method']>;

interface Variant {
  readonly method: Method;
  readonly name: string;
  readonly option: '-m' | '-i' | '-g';
  /** Bytes of IP that fit: the wire to the servers takes 1500, the tunnel header 20 of them. */
  readonly largest: number;
  /** Port of the server: only VS/NAT changes it. */
  readonly realPort: number;
  readonly source: readonly string[];
}

const VARIANTS: readonly Variant[] = [
  { method: 'nat', name: 'VS/NAT', option: '-m', largest: 1500, realPort: 8080, source: ['ipvs-cases B01–B04'] },
  { method: 'direct-route', name: 'VS/DR', option: '-g', largest: 1500, realPort: 80, source: ['ipvs-cases B05'] },
  {
    method: 'tunnel',
    name: 'VS/TUN',
    option: '-i',
    largest: 1480,
    realPort: 80,
    source: ['RFC 2003 §5.1', 'ipvs-cases B06–B09'],
  },
];

const rulesOf = ({ option, realPort }: Variant) => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:${realPort} ${option} -w 1
`;

const HEADERS = 40;
const segment = { sourcePort: 40001, destinationPort: 80, sequence: 1001, acknowledgement: 5001, flags: 'AP' };

/** A connection that has begun. */
async function connected(lab: Lab, { method, realPort }: Variant) {
  const flow = lab.flow({ method, realPort });
  await flow.establish();
  return flow;
}

/** What the client hears of a packet with DF that is too long, whoever of the director's addresses says it. */
function hearsOfMtu({ client, director, vip }: Lab, mtu: number, length: number): void {
  client.receives(
    ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address, protocol: 1 }),
    icmp({ type: 3, code: 4, rest: mtu }),
    ip({ source: client.address, destination: vip, totalLength: length, df: true, id: 0x4242 }),
    tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1001 }),
  );
}

export const cases: readonly Case[] = VARIANTS.flatMap((variant): Case[] => {
  const { method, name, largest, realPort, source } = variant;
  const rules = rulesOf(variant);
  return [
    {
      id: `mtu/${method}-largest`,
      title: `${name} forwards the largest packet that fits, whole`,
      requirement: `A packet of ${largest} bytes with DF goes to the server in one piece where the wire takes 1500.`,
      source: ['RFC 1191 §4', ...source],
      level: 'core',
      tags: [method, 'mtu'],
      needs: [],
      rules,
      async script(lab) {
        const flow = await connected(lab, variant);
        await flow.clientSends('AP', { payload: everyByte(largest - HEADERS) });
      },
    },
    {
      id: `mtu/${method}-too-large-told`,
      title: `${name}: the sender of a packet that is too large and must not be fragmented hears what would fit`,
      requirement: `A packet with DF of more than ${largest} bytes is not forwarded; its sender gets "fragmentation needed" with ${largest} as the next-hop MTU.`,
      source: ['RFC 1191 §4', 'RFC 1812 §5.2.7.1', ...source],
      level: 'core',
      tags: [method, 'mtu', 'icmp'],
      needs: [],
      rules,
      async script(lab) {
        const { client, vip } = lab;
        const flow = await connected(lab, variant);
        for (const length of [largest + 1, 1600, 9000]) {
          await client.sends(ip({ destination: vip, id: 0x4242 }), tcp(segment), payload(everyByte(length - HEADERS)));
          flow.server.receivesNothing();
          hearsOfMtu(lab, largest, length);
        }
        await flow.clientSends('AP', { payload: everyByte(largest - HEADERS) });
      },
    },
    {
      id: `mtu/${method}-too-large-fragmented`,
      title: `${name} fragments a packet that is too large and may be fragmented`,
      requirement:
        'A packet without DF that is larger than the next wire takes goes on in fragments that make the same packet.',
      source: ['RFC 791 §3.2', 'RFC 1812 §5.3.2', ...source],
      level: 'core',
      tags: [method, 'mtu', 'fragment'],
      needs: [],
      rules,
      async script(lab) {
        const { client, director, vip } = lab;
        const flow = await connected(lab, variant);
        const { server } = flow;
        const ttl = method === 'nat' ? 63 : { oneOf: [64, 63] };
        const outer = ip({ source: director.server.address, destination: server.address, protocol: 4 });
        for (const length of [largest + 1, 3000, 9000]) {
          const data = everyByte(length - HEADERS, length);
          await client.sends(ip({ destination: vip, id: 0x4242, df: false }), tcp(segment), payload(data));
          const packets = receivesInFragments(
            lab,
            server,
            1500,
            [
              ip({
                source: client.address,
                destination: method === 'nat' ? server.address : vip,
                id: 0x4242,
                df: false,
                ttl,
                totalLength: length,
              }),
              tcp({ ...segment, destinationPort: realPort }),
              payload(data),
            ],
            method === 'tunnel' ? outer : undefined,
          );
          lab.within('packets', packets, 2, 12);
        }
      },
    },
    {
      id: `mtu/${method}-error`,
      title: `${name}: the error about a packet that is too large comes from the virtual address and quotes TTL less one`,
      requirement:
        'The error has 576 bytes, the virtual address as its source, precedence internetwork control, and quotes the packet with its TTL already decremented.',
      source: ['ip_vs_xmit.c:ensure_mtu_is_adequate', 'icmp.c:__icmp_send', ...source],
      level: 'ipvs',
      tags: [method, 'mtu', 'icmp'],
      needs: [],
      rules,
      async script(lab) {
        const { client, vip } = lab;
        await connected(lab, variant);
        await client.sends(ip({ destination: vip }), tcp(segment), payload(everyByte(largest + 1 - HEADERS)));
        client.receives(
          ip({ source: vip, tos: 0xc0, totalLength: 576, ttl: 64, df: false }),
          icmp({ type: 3, code: 4, rest: largest }),
          ip({ destination: vip, ttl: 63, totalLength: largest + 1 }),
          tcp(segment),
        );
      },
    },
    {
      id: `mtu/${method}-fragment-sizes`,
      title: `${name} cuts a packet into fragments as large as the wire takes`,
      requirement:
        'All fragments but the last are as large as possible, data in multiples of 8 bytes; under VS/TUN it is the outer packet that is cut.',
      source: ['ip_output.c:ip_do_fragment', ...source],
      level: 'ipvs',
      tags: [method, 'mtu', 'fragment'],
      needs: [],
      rules,
      async script(lab) {
        const { client, vip } = lab;
        const { server } = await connected(lab, variant);
        const isTunnel = method === 'tunnel';
        for (const [length, sizes] of isTunnel ? TUNNEL_CUTS : CUTS) {
          await client.sends(
            ip({ destination: vip, id: 0x4242, df: false }),
            tcp(segment),
            payload(everyByte(length - HEADERS)),
          );
          sizes.forEach(([totalLength, offset], index) => {
            const mf = index < sizes.length - 1;
            server.receives(ip({ totalLength, offset, mf, df: false, ttl: 63, ...(isTunnel ? {} : { id: 0x4242 }) }));
          });
        }
      },
    },
    {
      id: `mtu/${method}-next-hop`,
      title: `${name}: what fits is a matter of the wire to the server`,
      requirement:
        'The MTU of the wire that the packet leaves by decides: a smaller one is told to the sender, a larger one lets large packets through.',
      source: ['RFC 1191 §4', ...source],
      level: 'core',
      tags: [method, 'mtu', 'icmp'],
      needs: [],
      environment: { ports: portsWith({ server: { mtu: largest === 1500 ? 1000 : 1020 } }) },
      rules,
      async script(lab) {
        const { client, vip } = lab;
        const flow = await connected(lab, variant);
        await client.sends(ip({ destination: vip, id: 0x4242 }), tcp(segment), payload(everyByte(1001 - HEADERS)));
        hearsOfMtu(lab, 1000, 1001);
        await flow.clientSends('AP', { payload: everyByte(1000 - HEADERS) });
      },
    },
    {
      id: `mtu/${method}-jumbo`,
      title: `${name} forwards jumbo frames where both wires take them`,
      requirement: 'A packet with DF as large as the next wire takes goes on in one piece.',
      source: ['RFC 1191 §4', ...source],
      level: 'core',
      tags: [method, 'mtu'],
      needs: [],
      environment: { ports: portsWith({ server: { mtu: 9000 } }) },
      rules,
      async script(lab) {
        const flow = await connected(lab, variant);
        await flow.clientSends('AP', { payload: everyByte(9000 - 1500 + largest - HEADERS) });
      },
    },
  ];
});

type Cut = readonly [length: number, fragments: readonly (readonly [totalLength: number, offset: number])[]];

const CUTS: readonly Cut[] = [
  [
    1501,
    [
      [1500, 0],
      [21, 1480],
    ],
  ],
  [
    3000,
    [
      [1500, 0],
      [1500, 1480],
      [40, 2960],
    ],
  ],
];

const TUNNEL_CUTS: readonly Cut[] = [
  [
    1481,
    [
      [1500, 0],
      [21, 1480],
    ],
  ],
  [
    3000,
    [
      [1500, 0],
      [1500, 1480],
      [60, 2960],
    ],
  ],
];
