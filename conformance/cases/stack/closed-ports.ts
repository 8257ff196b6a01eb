import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, tcp, udp } from '../../harness/layers.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
  -A -u 10.0.0.100:53 -s rr
  -a -u 10.0.0.100:53 -r 192.168.1.11:5353 -m -w 1
`;

/** A service is still there, and only it. */
const balances = async (lab: Lab) => {
  await lab.flow({ port: 50000, realPort: 8080 }).clientSends('S');
};

export const cases: readonly Case[] = [
  {
    id: 'stack/tcp-closed-port',
    title: 'A SYN to a port of the virtual address without service is refused by a reset',
    requirement:
      "Only the service's port is balanced. A SYN to a closed port is answered by a reset with sequence number 0 that acknowledges it, and reaches no server.",
    source: ['RFC 9293 §3.5.2, §3.10.7.1', 'paper P11', 'ipvs-cases E08'],
    level: 'core',
    tags: ['tcp', 'reset'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      for (const address of [vip, director.client.address]) {
        const port = address === vip ? 81 : 80;
        await client.sends(
          ip({ destination: address }),
          tcp({ sourcePort: 40001, destinationPort: port, flags: 'S' }),
          payload('early'),
        );
        client.receives(
          ip({ source: address, destination: client.address, totalLength: 40 }),
          tcp({ sourcePort: port, destinationPort: 40001, sequence: 0, acknowledgement: 1006, flags: 'AR' }),
        );
      }
      await balances(lab);
    },
  },
  {
    id: 'stack/tcp-closed-port-acknowledgement',
    title: 'An ACK to a closed port is answered by a reset with the number it acknowledged',
    requirement:
      'A segment with ACK for no connection is answered by a reset whose sequence number is its acknowledgement number.',
    source: ['RFC 9293 §3.5.2, §3.10.7.1'],
    level: 'core',
    tags: ['tcp', 'reset'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const ports = { sourcePort: 40001, destinationPort: 81 };
      for (const flags of ['A', 'AF', 'AS']) {
        await client.sends(ip({ destination: vip }), tcp({ ...ports, acknowledgement: 0xfedcba98, flags }));
        client.receives(
          ip({ source: vip, destination: client.address, totalLength: 40 }),
          tcp({ sourcePort: 81, destinationPort: 40001, sequence: 0xfedcba98, flags: 'R' }),
        );
      }
      await balances(lab);
    },
  },
  {
    id: 'stack/tcp-closed-port-silence',
    title: 'A reset or a damaged segment to a closed port is not answered',
    requirement: 'Resets are never answered by resets, and segments with a wrong checksum are discarded.',
    source: ['RFC 9293 §3.1, §3.10.7.1', 'ipvs-cases E06'],
    level: 'core',
    tags: ['tcp', 'reset', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const ports = { sourcePort: 40001, destinationPort: 81 };
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'R' }));
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'AR' }));
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S', checksum: 0x1111 }));
      lab.nothingElse();
      await client.sends(ip({ destination: vip }), tcp({ ...ports, flags: 'S' }));
      client.receives(ip({ source: vip }), tcp({ sourcePort: 81, flags: 'AR' }));
    },
  },
  {
    id: 'stack/reset-header',
    title: 'A reset has identification 0, DF, TTL 64 and no window',
    requirement:
      'A reset of the host itself: no options, window 0, and the TOS of the segment it answers without its ECN bits.',
    source: ['tcp_ipv4.c:tcp_v4_send_reset', 'ipvs-cases E08'],
    level: 'ipvs',
    tags: ['tcp', 'reset'],
    needs: [],
    rules,
    async script({ client, vip }) {
      for (const tos of [0, 0x10, 0x03, 0xb9, 0xff]) {
        await client.sends(ip({ destination: vip, tos }), tcp({ sourcePort: 40001, destinationPort: 81, flags: 'S' }));
        client.receives(
          ip({ source: vip, tos: tos & 0xfc, id: 0, df: true, ttl: 64, totalLength: 40 }),
          tcp({ flags: 'AR', window: 0, sequence: 0, acknowledgement: 1001 }),
        );
      }
    },
  },
  {
    id: 'stack/udp-closed-port',
    title: 'A datagram to a port of the virtual address without service is answered by port unreachable',
    requirement:
      "Only the service's port is balanced. A datagram to a closed port is answered by port unreachable, which quotes it, and reaches no server.",
    source: ['RFC 1122 §4.1.3.1, §3.2.2.1', 'ipvs-cases E09'],
    level: 'core',
    tags: ['udp', 'icmp'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      for (const destination of [vip, director.client.address]) {
        for (const checksum of [undefined, 0]) {
          await client.sends(
            ip({ destination }),
            udp({ sourcePort: 5000, destinationPort: 54, ...(checksum === undefined ? {} : { checksum }) }),
            payload('anybody'),
          );
          client.receives(
            ip({ source: destination, destination: client.address, protocol: 1 }),
            icmp({ type: 3, code: 3, rest: 0 }),
            ip({ source: client.address, destination, id: 0x1234, totalLength: 35 }),
            udp({ sourcePort: 5000, destinationPort: 54 }),
          );
        }
      }
      await lab.flow({ protocol: 'udp', virtualPort: 53, realPort: 5353 }).clientSends();
    },
  },
  {
    id: 'stack/udp-closed-port-silence',
    title: 'A damaged datagram to a closed port is not answered',
    requirement: 'A datagram with a wrong checksum is discarded without a word.',
    source: ['RFC 1122 §4.1.3.4'],
    level: 'core',
    tags: ['udp', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const ports = { sourcePort: 5000, destinationPort: 54 };
      await client.sends(ip({ destination: vip }), udp({ ...ports, checksum: 0x1234 }), payload('damaged'));
      lab.nothingElse();
      await client.sends(ip({ destination: vip }), udp(ports), payload('sound'));
      client.receives(ip({ source: vip }), icmp({ type: 3, code: 3 }));
    },
  },
  {
    id: 'stack/protocol-unknown',
    title: 'A protocol that the virtual address does not speak is answered by protocol unreachable',
    requirement: 'A host answers a datagram of a protocol that it lacks by protocol unreachable.',
    source: ['RFC 1122 §3.2.2.1', 'ipvs-cases E10'],
    level: 'core',
    tags: ['icmp'],
    needs: [],
    rules,
    async script({ client, vip }) {
      // Protocol 253 is for experiments (RFC 3692).
      await client.sends(ip({ destination: vip, protocol: 253 }), payload('experiment'));
      client.receives(
        ip({ source: vip, destination: client.address, protocol: 1 }),
        icmp({ type: 3, code: 2, rest: 0 }),
        ip({ source: client.address, destination: vip, protocol: 253, id: 0x1234, totalLength: 30 }),
      );
    },
  },
];
