import { expect, test } from 'vitest';
import { hostEnvironment, parseRoutes } from './host-environment.ts';
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
    { a: ['10.0.0.1/24', '10.0.1.1/24'], lo: ['127.0.0.1/8'] },
  );
  expect(hostEnvironment(host, ['b', 'a'])).toMatchObject({
    ports: [
      { name: 'b', mac: '02:00:00:00:00:02', addresses: [], mtu: 1500 },
      { name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', '10.0.1.1/24'], mtu: 9000 },
    ],
    virtualAddresses: [],
    neighbours: 'arp',
  });
});
