import { expect, test } from 'vitest';
import { hostEnvironment, parseRoutes, parseRoutes6 } from './host-environment.ts';
import { MemoryHost } from './testing/memory-host.ts';

/** As the kernel writes it (net/ipv4/fib_trie.c:fib_route_seq_show): the output of a host with two networks and three gateways. */
const TABLE = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth1\t00000000\t010200C0\t0003\t0\t0\t200\t00000000\t0\t0\t0
eth0\t00000000\tFE00000A\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
eth1\t000010AC\tFD0200C0\t0003\t0\t0\t0\t0000F0FF\t0\t0\t0
`;

test('routes through a gateway are read, of the interfaces named, the lowest metric first', () => {
  expect(parseRoutes(TABLE, ['eth0', 'eth1'])).toEqual([
    { destination: '172.16.0.0/12', via: '192.0.2.253' },
    { destination: '0.0.0.0/0', via: '10.0.0.254' },
    { destination: '0.0.0.0/0', via: '192.0.2.1' },
  ]);
  expect(parseRoutes(TABLE, ['eth0'])).toEqual([{ destination: '0.0.0.0/0', via: '10.0.0.254' }]);
});

test('the environment of a host has its MAC and IP addresses and its MTU, and no virtual address', () => {
  const host = new MemoryHost(
    { a: { mac: '02:00:00:00:00:01', mtu: 9000, isUp: true }, b: { mac: '02:00:00:00:00:02', mtu: 1500, isUp: true } },
    { a: ['10.0.0.1/24', '10.0.1.1/24', 'fd00::2/64', 'fe80::1/64'], lo: ['127.0.0.1/8'] },
  );
  expect(hostEnvironment(host, ['b', 'a'])).toMatchObject({
    ports: [
      { name: 'b', mac: '02:00:00:00:00:02', addresses: [], mtu: 1500 },
      { name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', '10.0.1.1/24', 'fd00::2/64'], mtu: 9000 },
    ],
    virtualAddresses: [],
    neighbours: 'arp',
  });
});

/** As the kernel writes it (net/ipv6/route.c:rt6_info_route); the second gateway is known by its link-local address alone. */
const TABLE6 = `fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000100 00000002 00000000 00000003     eth0
00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 00000002 00000000 80200001       lo
`;

test('those of IPv6, too, but for gateways on no network that has a number', () => {
  expect(parseRoutes6(TABLE6, ['eth0', 'lo'])).toEqual([{ destination: '::/0', via: 'fd00::1' }]);
});
