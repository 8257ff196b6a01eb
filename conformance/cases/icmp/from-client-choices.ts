import { buildPacket } from '../../../reference/wire/packet.ts';
import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, tcp } from '../../harness/layers.ts';
import { connectionOf } from '../connection-of.ts';
import { datagramOf, quote, quoteWithNames, templateOf } from './icmp-packets.ts';

const rulesWith = (option: '-m' | '-i' | '-g') => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
`;

const HALF_SEEN = [
  { method: 'tunnel', option: '-i', name: 'VS/TUN', claim: 'paper P22' },
  { method: 'direct-route', option: '-g', name: 'VS/DR', claim: 'paper P29' },
] as const;

/** A response that went from the server to the client past the director; or, of no connection at all, as an error might quote it. */
function response({ vip, client }: Lab, port = 40001): Uint8Array {
  return buildPacket([
    ip({ source: vip, destination: client.address, id: 0x7777, ttl: 61 }),
    tcp({ sourcePort: 80, destinationPort: port, sequence: 5001, acknowledgement: 1001, flags: 'AP' }),
    payload('a response'),
  ]);
}

const pathMtu = { type: 3, code: 4, rest: 1400 };

export const cases: readonly Case[] = [
  ...HALF_SEEN.map(({ method, option, name, claim }): Case => ({
    id: `icmp/client-error-${method}`,
    title: `${name} forwards an error about a response like a request`,
    requirement: `The server answers past the director, but errors about its responses come to the virtual address: ${name} forwards them to the connection's server as it forwards requests, unchanged. Without them the server could not find the path MTU.`,
    source: [claim, 'paper P12', 'RFC 1191 §4', 'ipvs-cases F13, F15'],
    level: 'core',
    tags: [method, 'icmp', 'mtu'],
    needs: [],
    rules: `
      -A -t 10.0.0.100:80 -s rr
      -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
      -a -t 10.0.0.100:80 -r 192.168.1.12:80 ${option} -w 1
    `,
    async script(lab) {
      const { director, gateway, vip } = lab;
      const flow = lab.flow({ method });
      await flow.establish();
      const about = response(lab);
      const outer = { source: gateway.address, destination: vip, id: 0x6161, tos: 0, df: false };
      await gateway.sends(ip(outer), icmp(pathMtu), payload(about));
      flow.server.receives(
        { kind: 'ethernet', source: director.server.mac, destination: flow.server.mac },
        ...(method === 'tunnel'
          ? [ip({ source: director.server.address, destination: flow.server.address, protocol: 4, tos: 0 })]
          : []),
        ip({
          ...outer,
          ttl: { required: 64, deviates: 63, deviation: 'ttl-decremented' },
          totalLength: 28 + about.length,
        }),
        icmp(pathMtu),
        ...templateOf(about),
      );
    },
  })),
  ...HALF_SEEN.map(({ method, option, name }): Case => ({
    id: `icmp/client-error-damaged-${method}`,
    title: `Whether ${name} drops a damaged error that it would not change`,
    requirement:
      'The checksum of an error about a response is verified whatever the forwarding method, in newer kernels under VS/NAT alone.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F14'],
    level: 'ipvs',
    tags: [method, 'icmp', 'checksum'],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ method });
      await flow.establish();
      const damaged = { ...pathMtu, checksum: 0x1234 };
      const outer = method === 'tunnel' ? [ip()] : [];
      await client.sends(ip({ destination: vip }), icmp(damaged), payload(response(lab)));
      if (lab.profile.damagedErrors === 'dropped') flow.server.receivesNothing();
      else flow.server.receives(ip(), ...outer, icmp(damaged), ...templateOf(response(lab)));
      await client.sends(ip({ destination: vip }), icmp(pathMtu), payload(response(lab)));
      flow.server.receives(ip(), ...outer, icmp(pathMtu), ...templateOf(response(lab)));
    },
  })),
  {
    id: 'icmp/client-error-tunnel-outer',
    title: 'The outer header of an error in a tunnel follows the same rules as that of a request',
    requirement:
      'An error is wrapped as a request is: TTL of the inner packet, DF and no identification where it has DF.',
    source: ['ip_vs_xmit.c:ip_vs_icmp_xmit', 'ip_vs_xmit.c:ip_vs_tunnel_xmit', 'ipvs-cases F15'],
    level: 'ipvs',
    tags: ['tunnel', 'icmp'],
    needs: [],
    rules: rulesWith('-i'),
    async script(lab) {
      const { client, director, vip } = lab;
      const flow = lab.flow({ method: 'tunnel' });
      await flow.establish();
      const about = response(lab);
      await client.sends(ip({ destination: vip, tos: 0x13 }), icmp(pathMtu), payload(about));
      flow.server.receives(
        ip({ source: director.server.address, protocol: 4, id: 0, df: true, ttl: 63, tos: 0x12 }),
        ip({ source: client.address, destination: vip, ttl: 63, tos: 0x13, df: true, totalLength: 28 + about.length }),
        icmp(pathMtu),
        ...templateOf(about),
      );
    },
  },
  {
    id: 'icmp/client-error-damaged-nat',
    title: 'A damaged error about a translated response is dropped',
    requirement:
      'The checksum of an error about a response is verified before it is translated; a wrong one is the end of it.',
    source: ['ip_vs_core.c:ip_vs_in_icmp', 'ipvs-cases F11'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'checksum'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      const about = await flow.serverSends('AP', { payload: 'answer' });
      await client.sends(ip({ destination: vip }), icmp({ ...pathMtu, checksum: 0x1234 }), quote(about));
      flow.server.receivesNothing();
      await client.sends(ip({ destination: vip }), icmp(pathMtu), quote(about));
      const names = { side: 'source', address: flow.server.address, port: 80, transportChecksum: 'stale' } as const;
      flow.server.receives(ip({ source: client.address }), icmp(pathMtu), ...quoteWithNames(about, names));
    },
  },
  {
    id: 'icmp/client-error-larger-than-mtu',
    title: 'An error that is larger than the MTU of the servers’ network is cut up, even with DF',
    requirement:
      'For ICMP errors the MTU is not checked, since no error about an error could be sent; the fragments are without DF.',
    source: ['ip_vs_xmit.c:ip_vs_icmp_xmit', 'net/ipv4/ip_output.c:ip_frag_next'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'mtu', 'fragment'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const flow = lab.flow();
      await flow.establish();
      const answer = await flow.serverSends('AP', { payload: 'answer' });
      // A router may quote as much as it likes (RFC 792); behind the datagram this one quotes its own padding.
      const quoted = new Uint8Array(1700);
      quoted.set(datagramOf(answer));
      for (const [id, df] of [
        [0x6161, false],
        [0x6162, true],
      ] as const) {
        await client.sends(ip({ destination: vip, id, df }), icmp(pathMtu), payload(quoted));
        const common = { source: client.address, destination: servers[0].address, id, df: false, protocol: 1, ttl: 63 };
        servers[0].receives(ip({ ...common, mf: true, offset: 0, totalLength: 1500 }));
        servers[0].receives(ip({ ...common, mf: false, offset: 1480, totalLength: 248 }));
      }
    },
  },
  ...([{ method: 'nat', option: '-m', name: 'VS/NAT' }, ...HALF_SEEN] as const).map(
    ({ method, option, name }): Case => ({
      id: `icmp/schedule-icmp-${method}`,
      title: `With schedule_icmp an error about no connection makes one (${name})`,
      requirement:
        'With schedule_icmp an ICMP error that quotes a response of a virtual service is scheduled like the request that the response answered; the connection has no state and ends after three seconds. By default the error goes nowhere.',
      source: ['ip_vs_core.c:ip_vs_in_icmp', 'ip_vs_core.c:ip_vs_try_to_schedule', 'ipvs-cases F16, F17'],
      level: 'ipvs',
      tags: [method, 'icmp', 'sysctl'],
      needs: ['sysctl', 'connections'],
      rules: rulesWith(option),
      async script(lab) {
        const { client, servers, vip } = lab;
        const about = response(lab);
        await client.sends(ip({ destination: vip }), icmp(pathMtu), payload(about));
        lab.nothingElse();
        await lab.sysctl('vs.schedule_icmp', '1');
        await client.sends(ip({ destination: vip }), icmp(pathMtu), payload(about));
        if (method === 'nat') {
          servers[0].receives(
            ip({ source: client.address, destination: servers[0].address, ttl: 63 }),
            icmp(pathMtu),
            ip({ source: servers[0].address, destination: client.address, ttl: 61 }),
            tcp({ sourcePort: 80, destinationPort: 40001, sequence: 5001 }),
          );
        } else {
          const outer = method === 'tunnel' ? [ip({ protocol: 4 })] : [];
          servers[0].receives(...outer, ip({ destination: vip, ttl: 63 }), icmp(pathMtu), ...templateOf(about));
        }
        const entry = await connectionOf(lab);
        lab.equal('state', entry?.state, 'NONE');
        lab.within('seconds left', entry?.expires ?? 0, 1, 3);
        await lab.wait(1.5);
        lab.equal('connections before three seconds', (await lab.connections()).length, 1);
        await lab.wait(2.5);
        lab.equal('connections after four seconds', await lab.connections(), []);
      },
    }),
  ),
  {
    id: 'icmp/schedule-icmp-no-server',
    title: 'An error that nobody can be given is dropped without an error',
    requirement: 'Where schedule_icmp finds no server the error is dropped; no ICMP error is sent about an ICMP error.',
    source: ['ip_vs_core.c:ip_vs_leave', 'RFC 1122 §3.2.2'],
    level: 'ipvs',
    tags: ['nat', 'icmp', 'sysctl'],
    needs: ['nat', 'sysctl'],
    rules: '-A -t 10.0.0.100:80 -s rr',
    async script(lab) {
      const { client, servers, vip } = lab;
      await lab.sysctl('vs.schedule_icmp', '1');
      const about = payload(response(lab));
      await client.sends(ip({ destination: vip }), icmp(pathMtu), about);
      lab.nothingElse();
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1');
      await client.sends(ip({ destination: vip }), icmp(pathMtu), about);
      servers[0].receives(ip({ destination: servers[0].address }), icmp(pathMtu), ip({ source: servers[0].address }));
    },
  },
  {
    id: 'icmp/schedule-icmp-without-ports',
    title: 'With schedule_icmp an error that quotes less than the ports is dropped',
    requirement:
      'An error from a server that quotes three bytes behind the IP header is routed to whom it is for; with schedule_icmp it is dropped, as no connection can be made of it. With four bytes, of no service, it is routed as before.',
    source: ['ip_vs_proto_tcp.c:tcp_conn_schedule', 'ip_vs_core.c:ip_vs_in_icmp'],
    level: 'ipvs',
    tags: ['icmp', 'sysctl'],
    needs: ['sysctl'],
    rules: '-A -t 10.0.0.100:80 -s rr',
    async script(lab) {
      const { client, servers } = lab;
      const quote = buildPacket([
        ip({ source: client.address, destination: servers[0].address }),
        tcp({ sourcePort: 40001, destinationPort: 80 }),
      ]);
      const sends = async (length: number): Promise<void> =>
        servers[0].sends(
          ip({ destination: client.address }),
          icmp({ type: 3, code: 1 }),
          payload(quote.subarray(0, length)),
        );
      await sends(23);
      client.receives(ip({ source: servers[0].address }), icmp({ type: 3, code: 1 }));
      await lab.sysctl('vs.schedule_icmp', '1');
      await sends(23);
      lab.nothingElse();
      await sends(24);
      client.receives(ip({ source: servers[0].address }), icmp({ type: 3, code: 1 }));
    },
  },
];
