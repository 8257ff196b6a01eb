import type { Case } from '../../harness/case.ts';
import { ipv6Environment, ipv6PortsWith } from '../../harness/default-environment.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp6, ip6, tcp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { common, NAT, tcpRules, VARIANTS, VIP } from './services.ts';

/** IPv6 and TCP. */
const HEADERS = 60;
const segment = { sourcePort: 40001, destinationPort: 80, sequence: 1001, acknowledgement: 5001, flags: 'AP' };

/** RFC 4443 §2.4 (c): an error is as long as the least MTU allows. */
const LONGEST_ERROR = 1280;

/** What the client hears of a packet that is too long, whoever of the director's addresses says it. */
function hearsOfMtu({ client, director, vip6 }: Lab, mtu: number, length: number): void {
  client.receives(
    ip6({
      source: { oneOf: [vip6, director.client.address6] },
      destination: client.address6,
      payloadLength: Math.min(LONGEST_ERROR, length + 48) - 40,
    }),
    icmp6({ type: 2, code: 0, rest: mtu }),
    ip6({ source: client.address6, destination: vip6, payloadLength: length - 40, hopLimit: { oneOf: [64, 63] } }),
    tcp({ sourcePort: 40001, destinationPort: 80, sequence: 1001 }),
  );
}

export const cases: readonly Case[] = [
  ...VARIANTS.flatMap((variant): Case[] => {
    const { method, name, tcpPort } = variant;
    const largest = method === 'tunnel' ? 1460 : 1500;
    return [
      {
        ...common,
        id: `ipv6/mtu-${method}`,
        title: `${name} forwards what fits, and tells the client of what is too big`,
        requirement: `A packet of ${largest} bytes goes to the server whole where the wire takes 1500; of a larger one, which no router may cut, its source hears the MTU in a packet too big message of 1280 bytes at most.`,
        source: ['RFC 8200 §5', 'RFC 4443 §2.4, §3.2', 'RFC 8201 §4', 'ipvs-cases J04, J05'],
        rules: tcpRules(variant),
        async script(lab) {
          const { client, vip6 } = lab;
          const flow = lab.flow({ virtualAddress: vip6, method, realPort: tcpPort });
          await flow.establish();
          await flow.clientSends('AP', { payload: everyByte(largest - HEADERS) });
          for (const length of [largest + 1, 4000]) {
            await client.sends(ip6({ destination: vip6 }), tcp(segment), {
              kind: 'payload',
              data: 'ab'.repeat(length - HEADERS),
            });
            hearsOfMtu(lab, largest, length);
          }
          await flow.clientSends('AP', { payload: 'and goes on' });
        },
      },
    ];
  }),
  {
    ...common,
    id: 'ipv6/mtu-response',
    title: 'A server hears of a response that is too big for the wire to the client',
    requirement:
      'Of a response that the next wire does not take, its source hears the MTU of that wire, about the packet that it sent.',
    source: ['RFC 8201 §4', 'RFC 4443 §3.2', 'ipvs-cases B20'],
    environment: { ...ipv6Environment, ports: ipv6PortsWith({ client: { mtu: 1400 } }) },
    rules: tcpRules(NAT),
    async script(lab) {
      const { client, director, vip6 } = lab;
      const flow = lab.flow({ virtualAddress: vip6, realPort: 8080 });
      await flow.establish();
      await flow.serverSends('AP', { payload: everyByte(1400 - HEADERS) });
      const { server } = flow;
      await server.sends(
        ip6({ destination: client.address6 }),
        tcp({ sourcePort: 8080, destinationPort: 40001, sequence: 9000, acknowledgement: 1001, flags: 'AP' }),
        { kind: 'payload', data: 'cd'.repeat(1401 - HEADERS) },
      );
      server.receives(
        ip6({ source: { oneOf: [director.server.address6, vip6] }, destination: server.address6 }),
        icmp6({ type: 2, code: 0, rest: 1400 }),
        ip6({ source: server.address6, destination: client.address6, payloadLength: 1361 }),
        tcp({ sourcePort: 8080, destinationPort: 40001, sequence: 9000 }),
      );
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/mtu-least-tunnel',
    title: 'A tunnel that would leave less than 1280 bytes carries nothing',
    requirement:
      'Where the wire takes so little that an IPv6 packet in the tunnel may not have the least MTU, nothing is forwarded and nobody is told; VS/DR to the same wire goes on.',
    source: ['ip_vs_xmit.c:__ip_vs_get_out_rt_v6', 'RFC 8200 §5'],
    environment: { ...ipv6Environment, ports: ipv6PortsWith({ server: { mtu: 1319 } }) },
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r [2001:db8:0:2::11]:80 -i -w 1
      -a -t ${VIP}:80 -r [2001:db8:0:2::12]:80 -g -w 1
    `,
    async script(lab) {
      const { vip6, servers } = lab;
      const direct = lab.flow({ virtualAddress: vip6, method: 'direct-route', servers: [servers[1]] });
      await direct.clientSends('S');
      await lab.flow({ virtualAddress: vip6, method: 'tunnel', port: 40002 }).clientSendsInVain('S');
    },
  },
  {
    ...common,
    id: 'ipv6/mtu-least-inside-tunnel',
    title: 'A tunnel that leaves 1280 bytes carries packets of that size',
    requirement: 'Every link carries packets of 1280 bytes, and a tunnel is one.',
    source: ['RFC 8200 §5', 'RFC 2473 §7.1'],
    environment: { ...ipv6Environment, ports: ipv6PortsWith({ server: { mtu: 1320 } }) },
    rules: `
      -A -t ${VIP}:80 -s rr
      -a -t ${VIP}:80 -r [2001:db8:0:2::11]:80 -i -w 1
    `,
    async script(lab) {
      const flow = lab.flow({ virtualAddress: lab.vip6, method: 'tunnel' });
      await flow.establish();
      await flow.clientSends('AP', { payload: everyByte(1280 - HEADERS) });
    },
  },
];
