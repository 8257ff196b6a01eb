import type { Case } from '../../harness/case.ts';
import { ethernet, ip, tcp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
`;

const ports = { sourcePort: 40001, destinationPort: 80 };
const method = 'tunnel';

/** The director as a router takes one from the TTL, which the paper does not. */
const ttlOf64 = { required: 64, deviates: 63, deviation: 'ttl-decremented' };

export const cases: readonly Case[] = [
  {
    id: 'tunnel/outer-header',
    title: 'The request travels whole inside another IP packet addressed to the chosen server',
    requirement:
      "The request packet is wrapped whole in another IP packet, from the director's address to the chosen server's, of protocol 4 and without options.",
    source: ['paper P22', 'RFC 2003 §3.1', 'ipvs-cases A11'],
    level: 'core',
    tags: ['tunnel', 'header'],
    needs: [],
    rules,
    async script({ client, director, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, id: 0xbeef }), tcp({ ...ports, flags: 'S' }));
      server.receives(
        ethernet({ source: director.server.mac, destination: server.mac }),
        ip({
          source: director.server.address,
          destination: server.address,
          protocol: 4,
          headerLength: 20,
          totalLength: 60,
          tos: 0,
          df: true,
          mf: false,
          offset: 0,
        }),
        ip({
          source: client.address,
          destination: vip,
          ttl: ttlOf64,
          tos: 0,
          id: 0xbeef,
          df: true,
          totalLength: 40,
        }),
        tcp({ ...ports, sequence: 1000, flags: 'S', window: 8192 }),
      );
    },
  },
  {
    id: 'tunnel/outer-choices',
    title: 'The outer TTL is the inner one, the outer identification zero',
    requirement:
      'The outer header takes TTL (after the decrement), DSCP and DF of the inner one; a packet with DF has identification 0; congestion experienced becomes ECT(0).',
    source: ['ip_vs_xmit.c:ip_vs_tunnel_xmit, ip_vs_prepare_tunneled_skb', 'RFC 6864 §4.1', 'ipvs-cases A11'],
    level: 'ipvs',
    tags: ['tunnel', 'header', 'ttl', 'ecn'],
    needs: [],
    rules,
    async script({ client, director, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, tos: 0x03, ttl: 33 }), tcp({ ...ports, flags: 'S' }));
      server.receives(
        ip({ source: director.server.address, ttl: 32, tos: 0x02, id: 0, df: true, totalLength: 60 }),
        ip({ ttl: 32, tos: 0x03, id: 0x1234, df: true }),
        tcp(ports),
      );
    },
  },
  {
    id: 'tunnel/outer-df-clear',
    title: 'Where the packet may be fragmented its tunnel packet may be',
    requirement: 'Without DF in the inner header the outer one has none either, and an identification of its own.',
    source: ['ip_vs_xmit.c:ip_vs_prepare_tunneled_skb', 'ipvs-cases A12, A13'],
    level: 'ipvs',
    tags: ['tunnel', 'header'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      for (const tos of [0x02, 0xb8]) {
        await client.sends(ip({ destination: vip, tos, df: false }), tcp({ ...ports, flags: 'S' }));
        server.receives(ip({ tos, df: false, protocol: 4 }), ip({ tos, df: false }), tcp(ports));
      }
    },
  },
  {
    id: 'tunnel/outer-type-of-service',
    title: 'The outer type of service is that of the packet inside',
    requirement: 'The TOS of the outer header is copied from the inner one, whose own stays as it is.',
    source: ['RFC 2003 §3.1', 'paper P22', 'ipvs-cases A13'],
    level: 'core',
    tags: ['tunnel', 'header'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      for (const tos of [0xb8, 0x10, 0xfc]) {
        await client.sends(ip({ destination: vip, tos }), tcp({ ...ports, flags: 'S' }));
        server.receives(ip({ destination: server.address, tos }), ip({ destination: vip, tos }), tcp(ports));
      }
    },
  },
  ...[
    // The outer ECN field by the inner one: "not capable" in compatibility mode (RFC 6040 §4.3), else copied (RFC 6040 §4.1); of "congestion
    // experienced" the older full functionality makes ECT(0) (RFC 3168 §9.1.1).
    { name: 'not-capable', inner: 0x00, outer: [0x00] },
    { name: 'capable-1', inner: 0x01, outer: [0x00, 0x01] },
    { name: 'capable-0', inner: 0x02, outer: [0x00, 0x02] },
    { name: 'congestion', inner: 0x03, outer: [0x00, 0x02, 0x03] },
  ].map(({ name, inner, outer }): Case => ({
    id: `tunnel/ecn-${name}`,
    title: `A packet with ECN field ${inner} keeps it inside the tunnel, and the outer field agrees with it`,
    requirement:
      'The inner ECN field is unchanged by encapsulation. The outer one is the same, or "not capable", and ECT(0) may stand for congestion experienced.',
    source: ['RFC 6040 §4.1, §4.3', 'RFC 3168 §9.1', 'paper P22'],
    level: 'core',
    tags: ['tunnel', 'header', 'ecn'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, tos: inner }), tcp({ ...ports, flags: 'S' }));
      server.receives(ip({ tos: { oneOf: outer } }), ip({ destination: vip, tos: inner }), tcp(ports));
    },
  })),
  {
    id: 'tunnel/df-copied',
    title: 'DF of the packet inside is set outside too',
    requirement:
      'If DF is set in the inner header it must be set in the outer one, so that path MTU discovery works through the tunnel.',
    source: ['RFC 2003 §3.1, §5.1'],
    level: 'core',
    tags: ['tunnel', 'header'],
    needs: [],
    rules,
    async script(lab) {
      // The flow asks for DF outside exactly where it is set inside, and for the inner header as it was.
      const flow = lab.flow({ method, servers: [lab.servers[0]] });
      await flow.clientSends('S', { ip: { df: true } });
      await flow.clientSends('A', { ip: { df: false } });
      await flow.clientSends('AP', { payload: 'with DF again', ip: { df: true } });
    },
  },
  {
    id: 'tunnel/path-mtu-discovery-off',
    title: 'With pmtu_disc 0 the tunnel packet may be fragmented whatever the packet inside says',
    requirement: 'The outer DF is clear when net.ipv4.vs.pmtu_disc is 0; the inner one is kept.',
    source: ['ip_vs_xmit.c:ip_vs_prepare_tunneled_skb', 'ipvs-cases A16'],
    level: 'ipvs',
    tags: ['tunnel', 'header'],
    needs: ['sysctl'],
    rules,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await lab.sysctl('vs.pmtu_disc', '0');
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
      server.receives(ip({ df: false, protocol: 4 }), ip({ df: true, id: 0x1234 }), tcp(ports));
    },
  },
];
