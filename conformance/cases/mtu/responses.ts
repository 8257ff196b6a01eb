import type { Case } from '../../harness/case.ts';
import { portsWith } from '../../harness/default-environment.ts';
import { icmp, ip, payload, tcp } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { receivesInFragments } from '../fragments/receives-in-fragments.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const tunnelRules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 -i -w 1
`;

const HEADERS = 40;
const environment = { ports: portsWith({ client: { mtu: 1400 } }) };
const response = { sourcePort: 8080, destinationPort: 40001, sequence: 5001, acknowledgement: 1001, flags: 'AP' };

export const cases: readonly Case[] = [
  {
    id: 'mtu/response-too-large-told',
    title: 'A server whose response is too large and must not be fragmented hears what would fit',
    requirement:
      "A response with DF that is larger than the clients' wire takes is not forwarded. The server hears the next-hop MTU from the director's address on his wire, about the packet as he sent it.",
    source: ['RFC 1191 §4', 'RFC 1812 §4.3.2.3, §4.3.2.4', 'ipvs-cases B20'],
    level: 'core',
    tags: ['nat', 'mtu', 'icmp'],
    needs: [],
    environment,
    rules,
    async script(lab) {
      const { client, director } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const { server } = flow;
      await server.sends(ip({ destination: client.address }), tcp(response), payload(everyByte(1401 - HEADERS)));
      client.receivesNothing();
      server.receives(
        ip({ source: director.server.address, destination: server.address, protocol: 1 }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: server.address, destination: client.address, totalLength: 1401, id: 0x1234 }),
        tcp({ sourcePort: 8080, destinationPort: 40001, sequence: 5001 }),
      );
      await flow.serverSends('AP', { payload: everyByte(1400 - HEADERS) });
    },
  },
  {
    id: 'mtu/response-error',
    title: 'The error about a response that is too large quotes the TTL as it came',
    requirement: 'The packet was held against the MTU before its TTL was decremented; the error has 576 bytes.',
    source: ['ip_forward.c:ip_forward', 'ipvs-cases B20'],
    level: 'ipvs',
    tags: ['nat', 'mtu', 'icmp'],
    needs: [],
    environment,
    rules,
    async script(lab) {
      const { client, director } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.server.sends(ip({ destination: client.address }), tcp(response), payload(everyByte(1468 - HEADERS)));
      flow.server.receives(
        ip({ source: director.server.address, tos: 0xc0, totalLength: 576, ttl: 64 }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: flow.server.address, destination: client.address, ttl: 64, totalLength: 1468 }),
        tcp(response),
      );
    },
  },
  {
    id: 'mtu/response-fragmented',
    title: 'A response that is too large and may be fragmented reaches the client in fragments',
    requirement: 'The fragments make the response with the virtual service as its source, its checksum right.',
    source: ['paper P13', 'RFC 791 §3.2', 'ipvs-cases B21'],
    level: 'core',
    tags: ['nat', 'mtu', 'fragment'],
    needs: [],
    environment,
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      const data = everyByte(1468 - HEADERS);
      await flow.server.sends(ip({ destination: client.address, df: false, id: 0x4242 }), tcp(response), payload(data));
      receivesInFragments(lab, client, 1400, [
        ip({ source: vip, destination: client.address, id: 0x4242, ttl: 63, totalLength: 1468 }),
        tcp({ ...response, sourcePort: 80 }),
        payload(data),
      ]);
    },
  },
  {
    id: 'mtu/response-fragment-sizes',
    title: 'Fragments of a response are as large as a multiple of 8 allows',
    requirement: 'An MTU of 1400 takes 1376 bytes of data a fragment.',
    source: ['ip_output.c:ip_do_fragment', 'ipvs-cases B21'],
    level: 'ipvs',
    tags: ['nat', 'mtu', 'fragment'],
    needs: [],
    environment,
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow({ realPort: 8080 });
      await flow.establish();
      await flow.server.sends(
        ip({ destination: client.address, df: false, id: 0x4242 }),
        tcp(response),
        payload(everyByte(1468 - HEADERS)),
      );
      client.receives(ip({ source: vip, totalLength: 1396, offset: 0, mf: true, id: 0x4242, ttl: 63 }));
      client.receives(ip({ source: vip, totalLength: 92, offset: 1376, mf: false, id: 0x4242, ttl: 63 }));
    },
  },
  {
    id: 'mtu/time-before-size',
    title: 'A request that is too large and whose time is over is refused for its time',
    requirement: 'TTL comes before MTU: the client gets time exceeded.',
    source: ['ip_vs_xmit.c:__ip_vs_get_out_rt'],
    level: 'ipvs',
    tags: ['nat', 'mtu', 'ttl', 'icmp'],
    needs: [],
    rules,
    async script({ client, vip }) {
      await client.sends(
        ip({ destination: vip, ttl: 1 }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
        payload(everyByte(1600)),
      );
      client.receives(ip({ source: vip }), icmp({ type: 11, code: 0, rest: 0 }), ip({ ttl: 1 }), tcp());
    },
  },
  {
    id: 'mtu/tunnel-without-discovery',
    title: 'With pmtu_disc 0 the tunnel packet of a large request is fragmented, DF or not',
    requirement: 'The outer packet goes in fragments of 1500 and 40 bytes; DF of the packet inside is kept.',
    source: ['ip_vs_xmit.c:ensure_mtu_is_adequate, ip_vs_prepare_tunneled_skb', 'ipvs-cases B10'],
    level: 'ipvs',
    tags: ['tunnel', 'mtu', 'fragment'],
    needs: ['sysctl'],
    rules: tunnelRules,
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await lab.sysctl('vs.pmtu_disc', '0');
      await client.sends(
        ip({ destination: vip }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
        payload(everyByte(1500 - HEADERS)),
      );
      server.receives(
        ip({ protocol: 4, totalLength: 1500, offset: 0, mf: true, df: false }),
        ip({ df: true, totalLength: 1500, ttl: 63 }),
      );
      server.receives(ip({ protocol: 4, totalLength: 40, offset: 1480, mf: false, df: false }));
    },
  },
  {
    id: 'mtu/options-in-fragments',
    title: 'Later fragments carry only the options that belong into each',
    requirement:
      'An option without the copied flag is in the first fragment alone: in the others no-operations stand in its place, so that all headers are as long.',
    source: ['RFC 791 §3.1', 'ip_options.c:ip_options_fragment'],
    level: 'ipvs',
    tags: ['nat', 'mtu', 'fragment', 'options'],
    needs: [],
    rules,
    async script({ client, servers: [server], vip }) {
      // A router alert, which is copied, and an option for experiments, which is not.
      await client.sends(
        ip({ destination: vip, df: false, options: '940400001e04aabb' }),
        tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
        payload(everyByte(2000)),
      );
      server.receives(ip({ options: '940400001e04aabb', offset: 0, mf: true, headerLength: 28, totalLength: 1500 }));
      server.receives(ip({ options: '9404000001010101', offset: 1472, mf: false, headerLength: 28, totalLength: 576 }));
    },
  },
];
