import type { Case } from '../../harness/case.ts';
import type { Lab } from '../../harness/lab.ts';
import { icmp, ip, payload, udp } from '../../harness/layers.ts';
import { fragmentsOf } from '../fragments/fragments-of.ts';

const PROTOCOLS = { ESP: 50, AH: 51 } as const;
const ports = { sourcePort: 500, destinationPort: 500 };

const rulesOf = (option: string) => `
  -A -u 10.0.0.100:500 -s rr
  -a -u 10.0.0.100:500 -r 192.168.1.11:500 ${option} -w 1
`;

async function exchangesKeys({ client, servers, vip }: Lab): Promise<void> {
  await client.sends(ip({ destination: vip }), udp(ports), payload('keys'));
  servers[0].receives(ip(), udp(ports), payload('keys'));
}

export const cases: readonly Case[] = [
  {
    id: 'ah-esp/follows-key-exchange',
    title: 'AH and ESP go where the key exchange between the same hosts went, their addresses alone translated',
    requirement:
      'A packet of AH or ESP belongs to the connection of UDP from port 500 to port 500: to the virtual address it reaches its server, from the server the client has it from the virtual address. Nothing behind the IP header is changed, nor need anything be there.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_in_get, ah_esp_conn_out_get', 'ipvs-cases A50'],
    level: 'ipvs',
    tags: ['ah-esp', 'nat'],
    needs: ['ah-esp'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      await exchangesKeys(lab);
      for (const protocol of Object.values(PROTOCOLS)) {
        for (const data of ['0000000100000001secret', 'abc', '']) {
          await client.sends(ip({ destination: vip, protocol }), payload(data));
          server.receives(
            ip({ source: client.address, destination: server.address, protocol, ttl: 63 }),
            ...(data === '' ? [] : [payload(data)]),
          );
          await server.sends(ip({ destination: client.address, protocol }), payload(data));
          client.receives(ip({ source: vip, protocol, ttl: 63 }), ...(data === '' ? [] : [payload(data)]));
        }
      }
    },
  },
  {
    id: 'ah-esp/begins-nothing',
    title: 'AH and ESP without a key exchange are for the director itself',
    requirement:
      'They are never scheduled: without the connection from port 500 to 500 they pass to the director, which has no IPsec; a connection from another port is none of theirs.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_schedule'],
    level: 'ipvs',
    tags: ['ah-esp', 'connection'],
    needs: ['ah-esp', 'connections'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      await client.sends(ip({ destination: vip }), udp({ ...ports, sourcePort: 501 }), payload('keys'));
      servers[0].receives(ip(), udp({ sourcePort: 501 }));
      for (const protocol of Object.values(PROTOCOLS)) {
        await client.sends(ip({ destination: vip, protocol }), payload('00000001'));
        client.receives(ip({ source: vip }), icmp({ type: 3, code: 2 }));
      }
      lab.equal('connections', (await lab.connections()).length, 1);
    },
  },
  {
    id: 'ah-esp/renews',
    title: 'Packets of ESP keep the connection of their key exchange alive',
    requirement: 'Each renews its timeout, from either side; the state is that of UDP.',
    source: ['ip_vs_core.c:ip_vs_in_hook, handle_response'],
    level: 'ipvs',
    tags: ['ah-esp', 'timeout'],
    needs: ['ah-esp', 'connections', 'clock'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      await exchangesKeys(lab);
      const left = async (what: string) => {
        lab.within(`seconds left after ${what}`, (await lab.connections())[0]?.expires ?? -1, 298, 300);
      };
      await lab.wait(100);
      await client.sends(ip({ destination: vip, protocol: 50 }), payload('00000001'));
      servers[0].receives(ip({ protocol: 50 }));
      await left('ESP of the client');
      await lab.wait(100);
      await servers[0].sends(ip({ destination: client.address, protocol: 51 }), payload('00000001'));
      client.receives(ip({ protocol: 51 }));
      await left('AH of the server');
    },
  },
  {
    id: 'ah-esp/fragments',
    title: 'Fragments of ESP from the server are translated one by one',
    requirement: 'Replies in fragments are not put together: each has its source changed as it passes.',
    source: ['ip_vs_proto_ah_esp.c:ip_vs_protocol_esp', 'ip_vs_core.c:ip_vs_out_hook'],
    level: 'ipvs',
    tags: ['ah-esp', 'fragment'],
    needs: ['ah-esp'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      await exchangesKeys(lab);
      const ends = { source: server.address, destination: client.address };
      const header = { ...ip(), ...ends, id: 0x4242, df: false, protocol: 50 };
      const [first, second] = fragmentsOf(header, [payload('e'.repeat(100))], [64]);
      await server.sends(...second);
      client.receives(ip({ source: vip, offset: 64, mf: false, totalLength: 56 }));
      await server.sends(...first);
      client.receives(ip({ source: vip, offset: 0, mf: true, totalLength: 84 }));
    },
  },
  {
    id: 'ah-esp/direct-route',
    title: 'AH and ESP go unchanged to a server of VS/DR',
    requirement: 'The method is that of the connection of the key exchange.',
    source: ['ip_vs_proto_ah_esp.c:ah_esp_conn_in_get'],
    level: 'ipvs',
    tags: ['ah-esp', 'direct-route'],
    needs: ['ah-esp'],
    rules: rulesOf('-g'),
    async script(lab) {
      const { client, servers, vip } = lab;
      await exchangesKeys(lab);
      for (const protocol of Object.values(PROTOCOLS)) {
        await client.sends(ip({ destination: vip, protocol }), payload('00000001'));
        servers[0].receives(ip({ destination: vip, protocol, ttl: 63 }), payload('00000001'));
      }
    },
  },
  {
    id: 'ah-esp/errors',
    title: 'ICMP errors about ESP are translated, the quoted ports left alone',
    requirement:
      'The quoted packet belongs to the connection of the key exchange; its addresses are changed, nothing behind its header.',
    source: ['ip_vs_core.c:ip_vs_nat_icmp, handle_response_icmp'],
    level: 'ipvs',
    tags: ['ah-esp', 'icmp', 'nat'],
    needs: ['ah-esp'],
    rules: rulesOf('-m'),
    async script(lab) {
      const { client, servers, vip } = lab;
      const [server] = servers;
      await exchangesKeys(lab);
      for (const data of ['00000001', '']) {
        await server.sends(
          ip({ destination: client.address }),
          icmp({ type: 3, code: 2 }),
          ip({ source: client.address, destination: server.address, protocol: 50 }),
          payload(data),
        );
        client.receives(
          ip({ source: vip }),
          icmp({ type: 3, code: 2 }),
          ip({ source: client.address, destination: vip, protocol: 50 }),
          ...(data === '' ? [] : [payload(data)]),
        );
      }
      await client.sends(
        ip({ destination: vip }),
        icmp({ type: 3, code: 4, rest: 1400 }),
        ip({ source: vip, destination: client.address, protocol: 50 }),
        payload('00000001'),
      );
      server.receives(
        ip({ destination: server.address }),
        icmp({ type: 3, code: 4 }),
        ip({ source: server.address, destination: client.address, protocol: 50 }),
        payload('00000001'),
      );
    },
  },
];
