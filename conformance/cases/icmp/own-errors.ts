import type { Case } from '../../harness/case.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';

const noServers = `
  -A -t 10.0.0.100:80 -s rr
  -A -u 10.0.0.100:53 -s rr
`;

const nat = `
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:53 -m -w 1
`;

export const cases: readonly Case[] = [
  {
    id: 'icmp/rate-limit',
    title: 'At most six errors at once to one client, then one a second',
    requirement:
      'With icmp_ratelimit 1000, the default, a host gets six errors at once and one more for each second that passes; another host gets his own.',
    source: ['inetpeer.c:inet_peer_xrlim_allow', 'RFC 1812 §4.3.2.8', 'ipvs-cases E05'],
    level: 'ipvs',
    tags: ['icmp', 'sysctl', 'availability'],
    needs: ['nat', 'clock', 'sysctl'],
    environment: { sysctls: { icmp_ratelimit: '1000' } },
    rules: noServers,
    async script(lab) {
      const { client, otherClient, vip } = lab;
      const refused = (count: number, expected: number) => async (from: typeof client) => {
        const syns = Array.from({ length: count }, (_, index) => [
          ip({ destination: vip }),
          tcp({ sourcePort: 40001 + index, destinationPort: 80, flags: 'S' }),
        ]);
        await from.sendsTogether(syns);
        for (let index = 0; index < expected; index++) {
          from.receives(ip({ source: vip }), icmp({ type: 3, code: 3 }), ip(), tcp({ sourcePort: 40001 + index }));
        }
        from.receivesNothing();
      };
      await refused(12, 6)(client);
      // A real director's clock also runs by itself: nine tenths of a second to spare.
      await lab.wait(2.1);
      await refused(5, 2)(client);
      await refused(2, 2)(otherClient);
      await lab.wait(20);
      await refused(12, 6)(client);
      // Control: what is forwarded is not limited.
      await lab.configure('-a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1');
      for (let port = 41001; port < 41013; port++) await lab.flow({ port }).clientSends('S');
    },
  },
  {
    id: 'icmp/path-mtu-not-limited',
    title: '"Fragmentation needed" is never held back',
    requirement: 'The rate limit leaves out fragmentation needed, without which a connection would hang.',
    source: ['icmp.c:icmpv4_mask_allow', 'RFC 1191 §4'],
    level: 'ipvs',
    tags: ['icmp', 'mtu', 'sysctl'],
    needs: ['sysctl'],
    environment: { sysctls: { icmp_ratelimit: '1000' } },
    rules: nat,
    async script(lab) {
      const { client, vip } = lab;
      const datagrams = Array.from({ length: 12 }, (_, index) => [
        ip({ destination: vip, id: 0x2000 + index }),
        udp({ sourcePort: 5000, destinationPort: 53 }),
        payload('u'.repeat(1500)),
      ]);
      await client.sendsTogether(datagrams);
      for (let index = 0; index < 12; index++) {
        client.receives(ip({ source: vip }), icmp({ type: 3, code: 4, rest: 1500 }), ip({ id: 0x2000 + index }));
      }
    },
  },
  {
    id: 'icmp/no-error-about-later-fragment',
    title: 'Of a response in fragments only the first is answered by an error',
    requirement:
      'No ICMP error is sent about a fragment other than the first: of two fragments whose TTL ends at the director the server hears once.',
    source: ['RFC 1122 §3.2.2', 'RFC 1812 §4.3.2.7'],
    level: 'core',
    tags: ['nat', 'icmp', 'fragment', 'ttl'],
    needs: [],
    rules: nat,
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      await client.sends(ip({ destination: vip }), udp({ sourcePort: 5000, destinationPort: 53 }), payload('question'));
      server.receives(ip({ destination: server.address }), udp(), payload('question'));
      const header = { destination: client.address, id: 0x4242, df: false, ttl: 1, protocol: 17 };
      await server.sends(ip({ ...header, mf: false, offset: 1208 }), payload('u'.repeat(400)));
      server.receivesNothing();
      await server.sends(
        ip({ ...header, mf: true }),
        udp({ sourcePort: 53, destinationPort: 5000, length: 1608, checksum: 0 }),
        payload('u'.repeat(1200)),
      );
      server.receives(
        ip({ source: lab.director.server.address, destination: server.address }),
        icmp({ type: 11, code: 0 }),
        ip({ source: server.address, destination: client.address, id: 0x4242, mf: true, offset: 0 }),
        udp({ sourcePort: 53 }),
      );
      client.receivesNothing();
    },
  },
  {
    id: 'icmp/error-quotes-enough',
    title: 'An error quotes as much of the packet as 576 bytes hold',
    requirement:
      'An ICMP error holds at least the IP header and eight bytes of the packet that it is about, and no more than makes 576 bytes; what it quotes is what was sent.',
    source: ['RFC 792', 'RFC 1122 §3.2.2', 'RFC 1812 §4.3.2.3'],
    level: 'core',
    tags: ['icmp', 'availability'],
    needs: [],
    rules: noServers,
    async script(lab) {
      const { client, director, vip } = lab;
      for (const length of [0, 1, 519, 520, 521, 1400]) {
        const text = Array.from({ length }, (_, index) => String.fromCharCode(33 + (index % 90))).join('');
        await client.sends(ip({ destination: vip }), udp({ sourcePort: 5000, destinationPort: 53 }), payload(text));
        const { bytes } = client.receives(
          ip({ source: { oneOf: [vip, director.client.address] }, protocol: 1, destination: client.address }),
          icmp({ type: 3 }),
          ip({ source: client.address, destination: vip, ttl: 64, id: 0x1234, totalLength: 28 + length }),
          udp({ sourcePort: 5000, destinationPort: 53, length: 8 + length }),
        );
        const quoted = bytes.length - 14 - 56;
        lab.within('quoted bytes of payload', quoted, 0, Math.min(length, 520));
        const tail = Array.from(bytes.subarray(bytes.length - quoted), (byte) => String.fromCharCode(byte)).join('');
        lab.equal('quoted payload', quoted === 0 ? '' : tail, text.slice(0, quoted));
      }
    },
  },
];
