import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload } from '../../harness/layers.ts';
import { everyByte } from '../every-byte.ts';
import { fragmentsOf } from '../fragments/fragments-of.ts';
import { receivesInFragments } from '../fragments/receives-in-fragments.ts';

const rules = `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:8080 -m -w 1
`;

const ECHO = 8;
const REPLY = 0;
/** Identifier and sequence number of an echo. */
const REST = 0xabcd0007;

/** The client asks for an echo of `address` and gets it. */
async function answers({ client }: Lab, address: string, data: string): Promise<void> {
  await client.sends(ip({ destination: address }), icmp({ type: ECHO, rest: REST }), payload(data));
  client.receives(
    ip({ source: address, destination: client.address, protocol: 1, totalLength: 28 + data.length }),
    icmp({ type: REPLY, code: 0, rest: REST }),
    payload(data),
  );
}

export const cases: readonly Case[] = [
  {
    id: 'stack/echo-virtual-address',
    title: 'The director answers an echo request to the virtual address',
    requirement:
      'A host answers echo requests: the reply comes from the address that was asked, with the same identifier, sequence number and data. Clients see the virtual address as one host.',
    source: ['RFC 1122 §3.2.2.6', 'RFC 1812 §4.3.3.6', 'paper P4', 'ipvs-cases F12'],
    level: 'core',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script(lab) {
      await answers(lab, lab.vip, 'are you there');
      await answers(lab, lab.vip, everyByte(1471));
    },
  },
  {
    id: 'stack/echo-own-addresses',
    title: 'The director answers an echo request to each of its own addresses',
    requirement:
      'A router answers echo requests to its addresses, from the address that was asked, whichever wire they come by.',
    source: ['RFC 1812 §4.3.3.6'],
    level: 'core',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script(lab) {
      await answers(lab, lab.director.client.address, 'are you there');
      await answers(lab, lab.director.server.address, 'and you');
    },
  },
  {
    id: 'stack/echo-server',
    title: 'The director answers an echo request of a server',
    requirement:
      'A router answers echo requests to its addresses, also from the servers, whose gateway it is under VS/NAT.',
    source: ['RFC 1812 §4.3.3.6', 'paper P10'],
    level: 'core',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script({ director, servers: [server] }) {
      const question = [icmp({ type: ECHO, rest: REST }), payload('gateway?')] as const;
      await server.sends(ip({ destination: director.server.address }), ...question);
      server.receives(
        ip({ source: director.server.address, destination: server.address, totalLength: 36 }),
        icmp({ type: REPLY, code: 0, rest: REST }),
        payload('gateway?'),
      );
    },
  },
  {
    id: 'stack/echo-through',
    title: 'An echo between client and server passes the director unchanged',
    requirement: 'Echo requests and replies that are for others are routed as any packet: only the TTL changes.',
    source: ['RFC 1812 §5.2.1, §5.3.1', 'ipvs-cases F06'],
    level: 'core',
    tags: ['icmp', 'echo', 'route'],
    needs: [],
    rules,
    async script({ client, servers: [server] }) {
      await client.sends(
        ip({ destination: server.address, tos: 0x10 }),
        icmp({ type: ECHO, rest: REST }),
        payload('ping'),
      );
      server.receives(
        ip({ source: client.address, destination: server.address, ttl: 63, tos: 0x10, id: 0x1234, totalLength: 32 }),
        icmp({ type: ECHO, code: 0, rest: REST }),
        payload('ping'),
      );
      await server.sends(
        ip({ destination: client.address, ttl: 9 }),
        icmp({ type: REPLY, rest: REST }),
        payload('ping'),
      );
      client.receives(
        ip({ source: server.address, destination: client.address, ttl: 8, id: 0x1234, totalLength: 32 }),
        icmp({ type: REPLY, code: 0, rest: REST }),
        payload('ping'),
      );
    },
  },
  {
    id: 'stack/echo-damaged',
    title: 'An echo request with a wrong checksum is not answered',
    requirement: 'A host discards an ICMP message whose checksum is wrong.',
    source: ['RFC 1122 §3.2.2', 'RFC 1812 §5.2.2'],
    level: 'core',
    tags: ['icmp', 'echo', 'checksum'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: ECHO, rest: REST, checksum: 0x1111 }),
        payload('damaged'),
      );
      lab.nothingElse();
      await answers(lab, vip, 'sound');
    },
  },
  {
    id: 'stack/echo-reply-unasked',
    title: 'An echo reply that nobody asked for is not answered',
    requirement: 'Replies are for a user of the host; there is none, and no message about a message.',
    source: ['RFC 1122 §3.2.2.6'],
    level: 'core',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      await client.sends(ip({ destination: vip }), icmp({ type: REPLY, rest: REST }), payload('unasked'));
      lab.nothingElse();
      await answers(lab, vip, 'asked');
    },
  },
  {
    id: 'stack/echo-fragmented',
    title: 'An echo request in fragments is answered whole',
    requirement: 'A host reassembles what is for it, and echoes all of the data.',
    source: ['RFC 1122 §3.3.2, §3.2.2.6'],
    level: 'core',
    tags: ['icmp', 'echo', 'fragment'],
    needs: [],
    rules,
    async script(lab) {
      const { client, vip } = lab;
      const data = everyByte(1200);
      const request = fragmentsOf(
        { kind: 'ip', source: client.address, destination: vip, df: false, protocol: 1 },
        [icmp({ type: ECHO, rest: REST }), payload(data)],
        [800],
      );
      for (const fragment of request) await client.sends(...fragment);
      receivesInFragments(lab, client, 9000, [
        ip({ source: vip, destination: client.address, totalLength: 1228 }),
        icmp({ type: REPLY, code: 0, rest: REST }),
        payload(data),
      ]);
    },
  },
  {
    id: 'stack/echo-header',
    title: 'An echo reply has TTL 64, no DF, and the type of service of the request',
    requirement: 'The reply is a packet of the host itself; its TOS is that of the request.',
    source: ['icmp.c:icmp_reply', 'RFC 1122 §3.2.2.6'],
    level: 'ipvs',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script({ client, vip }) {
      for (const tos of [0, 0x10, 0x03, 0xb8]) {
        await client.sends(ip({ destination: vip, tos, ttl: 9 }), icmp({ type: ECHO, rest: REST }), payload('who'));
        client.receives(ip({ source: vip, ttl: 64, df: false, totalLength: 31 }), icmp({ type: REPLY, rest: REST }));
      }
    },
  },
  {
    id: 'stack/echo-broadcast',
    title: 'An echo request to a broadcast address is not answered',
    requirement: 'A host may leave echo requests to broadcast addresses unanswered; Linux does.',
    source: ['icmp.c:icmp_echo (icmp_echo_ignore_broadcasts)', 'RFC 1122 §3.2.2.6'],
    level: 'ipvs',
    tags: ['icmp', 'echo'],
    needs: [],
    rules,
    async script(lab) {
      const { client, director, vip } = lab;
      for (const destination of ['10.0.0.255', '255.255.255.255']) {
        const frame = { kind: 'ethernet', destination: 'ff:ff:ff:ff:ff:ff' } as const;
        await client.sends(frame, ip({ destination }), icmp({ type: ECHO, rest: REST }), payload('anybody'));
        await client.sends(
          { ...frame, destination: director.client.mac },
          ip({ destination }),
          icmp({ type: ECHO, rest: REST }),
          payload('anybody'),
        );
      }
      lab.nothingElse();
      await answers(lab, vip, 'you');
    },
  },
];
