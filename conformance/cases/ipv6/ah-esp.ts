import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp6, ip6, payload, udp } from '../../harness/layers.ts';
import { common, SERVER, tcpRules, VARIANTS, VIP } from './services.ts';

const ESP = 50;
const AH = 51;
const ports = { sourcePort: 500, destinationPort: 500 };

const rulesOf = (option: string) => `
  -A -u ${VIP}:500 -s rr
  -a -u ${VIP}:500 -r ${SERVER}:500 ${option} -w 1
`;

async function exchangesKeys({ client, servers, vip6 }: Lab): Promise<void> {
  await client.sends(ip6({ destination: vip6 }), udp(ports), payload('keys'));
  servers[0].receives(ip6(), udp(ports), payload('keys'));
}

/** An authentication header with twelve bytes of proof (RFC 4302 §2) before a SYN from port 40001 to port 80. */
const authenticated = payload(
  Uint8Array.of(
    ...[6, 4, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    ...[0x9c, 0x41, 0, 80, 0, 0, 3, 0xe8, 0, 0, 0, 0, 0x50, 2, 0xff, 0xff, 0x12, 0x34, 0, 0],
  ),
);

const [, , DIRECT_ROUTE] = VARIANTS;

export const cases: readonly Case[] = [
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/esp-follows-key-exchange',
    title: 'ESP over IPv6 goes where the key exchange between the same hosts went, its addresses alone translated',
    requirement:
      'A packet of ESP belongs to the connection of UDP from port 500 to port 500, both ways; nothing behind the IPv6 header is changed, nor need anything be there.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_in_get, ah_esp_conn_out_get', 'ipvs-cases A50'],
    needs: ['ah-esp'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      await exchangesKeys(lab);
      for (const data of ['0000000100000001secret', 'abc', '']) {
        const inside = data === '' ? [] : [payload(data)];
        await client.sends(ip6({ destination: vip6, nextHeader: ESP }), payload(data));
        server.receives(
          ip6({ source: client.address6, destination: server.address6, nextHeader: ESP, hopLimit: 63 }),
          ...inside,
        );
        await server.sends(ip6({ destination: client.address6, nextHeader: ESP }), payload(data));
        client.receives(ip6({ source: vip6, nextHeader: ESP, hopLimit: 63 }), ...inside);
      }
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/esp-direct-route',
    title: 'ESP over IPv6 goes unchanged to a server of VS/DR',
    requirement: 'The method is that of the connection of the key exchange.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_in_get'],
    needs: ['ah-esp'],
    rules: rulesOf('-g'),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      await exchangesKeys(lab);
      await client.sends(ip6({ destination: vip6, nextHeader: ESP }), payload('00000001'));
      servers[0].receives(ip6({ destination: vip6, nextHeader: ESP, hopLimit: 63 }), payload('00000001'));
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/esp-begins-nothing',
    title: 'ESP over IPv6 without a key exchange is for the director itself',
    requirement:
      'It is never scheduled: the director’s own stack answers that it does not know the protocol, and no connection is made.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_schedule', 'RFC 4443 §3.4'],
    needs: ['ah-esp', 'connections'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, vip6 } = lab;
      await client.sends(ip6({ destination: vip6, nextHeader: ESP }), payload('00000001'));
      client.receives(ip6({ source: vip6 }), icmp6({ type: 4, code: 1, rest: 6 }));
      lab.equal('connections', await lab.connections(), []);
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/esp-errors',
    title: 'ICMPv6 errors about ESP reach the server, the quoted data left alone',
    requirement:
      'The quoted packet belongs to the connection of the key exchange; its addresses are changed, nothing behind its header.',
    source: ['ip_vs_core.c:ip_vs_nat_icmp_v6'],
    needs: ['ah-esp'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip6 } = lab;
      const [server] = servers;
      await exchangesKeys(lab);
      for (const data of ['00000001', 'a']) {
        await client.sends(
          ip6({ destination: vip6 }),
          icmp6({ type: 2, code: 0, rest: 1300 }),
          ip6({ source: vip6, destination: client.address6, nextHeader: ESP }),
          payload(data),
        );
        server.receives(
          ip6({ destination: server.address6 }),
          icmp6({ type: 2, code: 0, rest: 1300 }),
          ip6({ source: server.address6, destination: client.address6, nextHeader: ESP }),
          payload(data),
        );
      }
    },
  },
  {
    ...common,
    level: 'ipvs',
    id: 'ipv6/ah-extension-header',
    title: 'AH over IPv6 is an extension header: what it proves is balanced by its own ports',
    requirement:
      'The chain of headers is followed through an authentication header; the TCP segment behind it has the service of its port, with or without a key exchange, and its proof goes along.',
    source: ['net/ipv6/exthdrs_core.c:ipv6_find_hdr', 'RFC 4302 §3.1.1'],
    needs: ['connections'],
    rules: `${tcpRules(DIRECT_ROUTE)}${rulesOf('-g')}`,
    async script(lab) {
      const { client, servers, vip6 } = lab;
      await exchangesKeys(lab);
      await client.sends(ip6({ destination: vip6, nextHeader: AH }), authenticated);
      servers[0].receives(ip6({ destination: vip6, nextHeader: AH, hopLimit: 63, payloadLength: 44 }));
      lab.equal(
        'connections',
        (await lab.connections()).map(({ protocol, client: end, state }) => `${protocol} ${end} ${state}`).sort(),
        ['TCP [2001:db8:0:1::2]:40001 SYN_RECV', 'UDP [2001:db8:0:1::2]:500 UDP'],
      );
    },
  },
];
