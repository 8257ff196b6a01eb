import type { Case } from '../../harness/case.ts';
import { icmp, ip, tcp } from '../../harness/layers.ts';

const rulesWith = (option: '-m' | '-i' | '-g') => `
  -A -t 10.0.0.100:80 -s rr
  -a -t 10.0.0.100:80 -r 192.168.1.11:80 ${option} -w 1
`;

const METHODS = [
  { method: 'nat', option: '-m', name: 'VS/NAT', claim: 'paper P11' },
  { method: 'tunnel', option: '-i', name: 'VS/TUN', claim: 'paper P22' },
  { method: 'direct-route', option: '-g', name: 'VS/DR', claim: 'paper P29' },
] as const;

const syn = { sourcePort: 40001, destinationPort: 80, flags: 'S' };

// Record route for two hops (RFC 791 §3.1): type 7, length 11, pointer, two slots, end of list.
const ROUTE_EMPTY = '070b04000000000000000000';
const routeOf = (address: string) => `070b08${address}0000000000`;
const ROUTE_FULL = '070b0c0a0000090a09090900';
const VIP = '0a000064';
const CLIENT_SIDE = '0a000001';
const SERVER_SIDE = 'c0a80101';

export const cases: readonly Case[] = [
  ...METHODS.map(({ method, option, name, claim }): Case => ({
    id: `headers/options-kept-${method}`,
    title: `${name} forwards IP options that are not for the director`,
    requirement: 'Options stay in the header as they are: no-operations, a router alert, and one that nobody knows.',
    source: [claim, 'RFC 1812 §5.3.13.1', 'RFC 2113 §2.1', 'ipvs-cases A31'],
    level: 'core',
    tags: [method, 'options'],
    needs: [],
    rules: rulesWith(option),
    async script(lab) {
      const flow = lab.flow({ method });
      await flow.clientSends('S', { ip: { options: '01010101' } });
      await flow.clientSends('A', { ip: { options: '94040000' } });
      // Type 30 is for experiments (RFC 4727 §3).
      await flow.clientSends('AP', { payload: 'behind options', ip: { options: '1e06aabbccdd0101' } });
    },
  })),
  {
    id: 'headers/options-kept-response',
    title: 'VS/NAT forwards the IP options of a response',
    requirement: 'Options stay in the header as they are, from the server to the client as well.',
    source: ['paper P13', 'RFC 1812 §5.3.13.1'],
    level: 'core',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.serverSends('AS', { ip: { options: '01010101' } });
      await flow.serverSends('AP', { payload: 'behind options', ip: { options: '1e06aabbccdd0101' } });
    },
  },
  {
    id: 'headers/record-route',
    title: 'A recorded route names the director once, or not at all',
    requirement:
      'A router puts its own address into the next free slot of a record route option, or where that is switched off leaves the option alone.',
    source: ['RFC 1812 §5.3.13.5', 'RFC 791 §3.1', 'ipvs-cases A28'],
    level: 'core',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, df: false, options: ROUTE_EMPTY }), tcp(syn));
      server.receives(
        ip({
          destination: server.address,
          headerLength: 32,
          totalLength: 52,
          options: { oneOf: [ROUTE_EMPTY, ...[VIP, CLIENT_SIDE, SERVER_SIDE].map(routeOf)] },
        }),
        tcp({ sourcePort: 40001, flags: 'S' }),
      );
    },
  },
  {
    id: 'headers/record-route-full',
    title: 'A full record route option is forwarded as it is',
    requirement: 'If there is no room left in the option the packet is forwarded without another address.',
    source: ['RFC 791 §3.1', 'RFC 1812 §5.3.13.5'],
    level: 'core',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      await lab.flow().clientSends('S', { ip: { options: ROUTE_FULL } });
    },
  },
  ...METHODS.map(({ method, option, name }): Case => ({
    id: `headers/record-route-${method}`,
    title: `${name}: the recorded route names the virtual address`,
    requirement:
      'One slot is filled, with the address the packet was sent to; nothing is recorded on the way out. A tunnel header has no options.',
    source: ['ip_options.c:__ip_options_compile', 'ipvs-cases A28, A29, A30'],
    level: 'ipvs',
    tags: [method, 'options'],
    needs: [],
    rules: rulesWith(option),
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, df: false, options: ROUTE_EMPTY }), tcp(syn));
      const header = ip({ headerLength: 32, totalLength: 52, options: routeOf(VIP), ttl: 63 });
      if (method === 'tunnel') server.receives(ip({ headerLength: 20, totalLength: 72, protocol: 4 }), header, tcp());
      else server.receives(header, tcp());
    },
  })),
  {
    id: 'headers/timestamp-option',
    title: 'A timestamp option does not stop a request',
    requirement:
      'A packet that asks routers for the time is forwarded with its option, whether or not the director wrote into it.',
    source: ['RFC 1812 §5.3.13.6', 'RFC 791 §3.1'],
    level: 'core',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const {
        client,
        servers: [server],
        vip,
      } = lab;
      await client.sends(ip({ destination: vip, options: '440c05000000000000000000' }), tcp(syn));
      const packet = server.receives(
        ip({ destination: server.address, headerLength: 32, totalLength: 52, options: { any: true } }),
        tcp({ sourcePort: 40001, flags: 'S' }),
      );
      const header = packet.layers.find(({ layer }) => layer.kind === 'ip')?.layer;
      const option = header?.kind === 'ip' ? header.options : undefined;
      lab.equal('type and length of the option', option?.slice(0, 4), '440c');
    },
  },
  ...[
    { name: 'loose', type: '83' },
    { name: 'strict', type: '89' },
  ].map(({ name, type }): Case => ({
    id: `headers/source-route-${name}`,
    title: `A request with a ${name} source route is dropped`,
    requirement: 'Source-routed packets are not accepted unless the administrator wants them; no connection is made.',
    source: ['ip_input.c:ip_rcv_options', 'RFC 7126 §4.3, §4.4', 'ipvs-cases A32'],
    level: 'ipvs',
    tags: ['nat', 'options'],
    needs: ['connections'],
    rules: rulesWith('-m'),
    async script(lab) {
      await lab.flow({ port: 40002 }).clientSendsInVain('S', { ip: { options: `${type}07040a000003` } });
      lab.equal('connections', (await lab.connections()).length, 0);
      await lab.flow().clientSends('S');
    },
  })),
  {
    id: 'headers/option-too-long',
    title: 'An option that reaches beyond the header is answered by parameter problem',
    requirement:
      'A packet whose options cannot be read is not forwarded; its sender hears parameter problem with a pointer to the option or its length.',
    source: ['RFC 1812 §4.3.3.5, §5.2.2', 'RFC 792'],
    level: 'core',
    tags: ['nat', 'options', 'icmp'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, director, vip } = lab;
      await client.sends(ip({ destination: vip, options: '01070c04' }), tcp(syn));
      client.receives(
        ip({ source: { oneOf: [vip, director.client.address] }, destination: client.address, protocol: 1 }),
        // The option is at byte 21 of the header, its length at byte 22.
        icmp({ type: 12, code: 0, rest: { oneOf: [21 << 24, 22 << 24] } }),
        ip({ source: client.address, destination: vip, options: '01070c04' }),
      );
      await lab.flow({ port: 40002 }).clientSends('S', { ip: { options: '01010101' } });
    },
  },
  {
    id: 'headers/record-route-response',
    title: 'The recorded route of a response names the virtual address',
    requirement:
      'A packet that is routed records the address that it leaves from, which for a translated response is the virtual one.',
    source: ['ip_options.c:ip_forward_options', 'route.c:ip_rt_get_source', 'paper P13'],
    level: 'ipvs',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      const flow = lab.flow();
      await flow.clientSends('S');
      await flow.server.sends(
        ip({ destination: client.address, options: ROUTE_EMPTY }),
        tcp({ sourcePort: 80, destinationPort: 40001, sequence: 5000, acknowledgement: 1001, flags: 'AS' }),
      );
      client.receives(ip({ source: vip, options: routeOf(VIP), ttl: 63 }), tcp({ sourcePort: 80, flags: 'AS' }));
    },
  },
  {
    id: 'headers/option-problems',
    title: 'An option that cannot be is answered by a pointer to the byte that is wrong',
    requirement:
      'Too short an option points at its length, a pointer below 4 or between slots points at itself; any option that is cut short points at itself.',
    source: ['ip_options.c:__ip_options_compile', 'RFC 792'],
    level: 'ipvs',
    tags: ['nat', 'options', 'icmp'],
    needs: ['connections'],
    rules: rulesWith('-m'),
    async script(lab) {
      const { client, vip } = lab;
      const problems = [
        { options: '07020000', at: 21 },
        { options: '0707030000000000', at: 22 },
        { options: '0707050000000000', at: 22 },
        { options: '01010107', at: 23 },
        { options: '01018203', at: 22 },
      ];
      for (const { options, at } of problems) {
        await client.sends(ip({ destination: vip, options }), tcp(syn));
        client.receives(
          ip({ source: vip, ttl: 64 }),
          icmp({ type: 12, code: 0, rest: at * 2 ** 24 }),
          ip({ options: { any: true } }),
        );
      }
      lab.equal('connections', (await lab.connections()).length, 0);
    },
  },
  {
    id: 'headers/options-after-end',
    title: 'What stands behind the end of the option list is cleared',
    requirement: 'Bytes behind an end-of-list option are no options; they are forwarded as zeros.',
    source: ['ip_options.c:__ip_options_compile'],
    level: 'ipvs',
    tags: ['nat', 'options'],
    needs: [],
    rules: rulesWith('-m'),
    async script({ client, servers: [server], vip }) {
      await client.sends(ip({ destination: vip, options: '0100aabbccddeeff' }), tcp(syn));
      server.receives(ip({ headerLength: 28, options: '0100000000000000', ttl: 63 }), tcp({ flags: 'S' }));
    },
  },
];
