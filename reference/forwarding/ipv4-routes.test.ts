import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Clock } from '../clock.ts';
import type { Environment } from '../environment.ts';
import { formatIpv4, parseIpv4 } from '../wire/address.ts';
import { Ipv4Routes } from './ipv4-routes.ts';

const host: Environment = {
  ports: [
    { name: 'a', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24', '10.0.9.1/32'], mtu: 9000 },
    { name: 'b', mac: '02:00:00:00:00:02', addresses: ['192.168.1.1/24', '192.168.3.0/31'], mtu: 1500 },
  ],
  virtualAddresses: ['10.0.0.100'],
  routes: [
    { destination: '0.0.0.0/0', via: '10.0.0.254' },
    { destination: '172.16.0.0/12', via: '192.168.1.254' },
    { destination: '172.16.5.0/24', via: '10.0.0.253' },
    { destination: '172.16.5.7/32', via: '192.168.1.253' },
  ],
  neighbours: 'arp',
  sysctls: {},
};

function setUp(changes: Partial<Environment> = {}) {
  const clock = new Clock();
  const routes = new Ipv4Routes({ ...host, ...changes }, clock);
  const way = (address: string) => {
    const route = routes.lookup(parseIpv4(address));
    return route.kind === 'unicast' ? `port ${route.port} to ${formatIpv4(route.nextHop)}` : route.kind;
  };
  const mtu = (address: string) => {
    const route = routes.lookup(parseIpv4(address));
    return route.kind === 'unicast' ? route.mtu : undefined;
  };
  const pass = (milliseconds: number) => clock.advance(milliseconds, () => undefined);
  return { routes, way, mtu, pass };
}

describe('a route', () => {
  test.each([
    ['10.0.0.2', 'port 0 to 10.0.0.2'],
    ['192.168.1.11', 'port 1 to 192.168.1.11'],
    ['8.8.8.8', 'port 0 to 10.0.0.254'],
    ['172.16.0.1', 'port 1 to 192.168.1.254'],
    ['172.31.255.255', 'port 1 to 192.168.1.254'],
    ['172.32.0.0', 'port 0 to 10.0.0.254'],
    ['172.16.5.6', 'port 0 to 10.0.0.253'],
    ['172.16.5.7', 'port 1 to 192.168.1.253'],
    ['192.168.3.1', 'port 1 to 192.168.3.1'],
    ['10.0.0.1', 'local'],
    ['192.168.1.1', 'local'],
    ['10.0.0.100', 'local'],
    ['127.0.0.1', 'local'],
    ['127.9.9.9', 'local'],
  ])('to %s is the one with the longest prefix: %s (RFC 1812 §5.2.4.3)', (address, expected) => {
    expect(setUp().way(address)).toBe(expected);
  });

  test('is none without a default route', () => {
    expect(setUp({ routes: [] }).way('8.8.8.8')).toBe('unreachable');
  });

  test('where neighbours are derived is everywhere on link on the first port, and routes do not matter', () => {
    const { way } = setUp({ neighbours: 'derived', routes: [{ destination: '0.0.0.0/0', via: '1.2.3.4' }] });
    expect(way('8.8.8.8')).toBe('port 0 to 8.8.8.8');
    expect(way('10.0.0.100')).toBe('local');
  });

  test('has the port’s first address as its source', () => {
    const route = setUp().routes.lookup(parseIpv4('8.8.8.8'));
    expect(route).toMatchObject({ kind: 'unicast', source: parseIpv4('10.0.0.1') });
  });

  property.prop([fc.integer({ min: 0, max: 0xffff_ffff })])('asked for twice is the same', (address) => {
    const { routes } = setUp();
    expect(routes.lookup(address)).toEqual(routes.lookup(address));
  });
});

describe('a broadcast address', () => {
  test.each([
    ['255.255.255.255', true],
    ['10.0.0.255', true],
    ['192.168.1.255', true],
    ['10.0.0.1', false],
    ['192.168.1.254', false],
    // Since Linux 5.14 the lowest address of a network is a host's.
    ['10.0.0.0', false],
    // RFC 3021 §2.1: networks of one and two addresses have none.
    ['10.0.9.1', false],
    ['192.168.3.0', false],
    ['192.168.3.1', false],
  ])('%s: %s', (address, expected) => {
    expect(setUp().routes.isBroadcast(parseIpv4(address))).toBe(expected);
  });
});

describe('a path MTU', () => {
  const far = parseIpv4('192.168.1.12');

  test('that a router reported holds for that address alone', () => {
    const { routes, mtu } = setUp();
    routes.learnPathMtu(far, 1400);
    expect([mtu('192.168.1.12'), mtu('192.168.1.11')]).toEqual([1400, 1500]);
  });

  test('never sinks below 552 (net.ipv4.route.min_pmtu; ipvs-cases F26)', () => {
    const { routes, mtu } = setUp();
    for (const reported of [60, 0]) {
      routes.learnPathMtu(far, reported);
      expect(mtu('192.168.1.12')).toBe(552);
    }
  });

  test('is not raised by a report (RFC 1191 §6.3)', () => {
    const { routes, mtu } = setUp();
    routes.learnPathMtu(far, 1400);
    routes.learnPathMtu(far, 1450);
    expect(mtu('192.168.1.12')).toBe(1400);
    routes.learnPathMtu(parseIpv4('192.168.1.11'), 9000);
    expect(mtu('192.168.1.11')).toBe(1500);
  });

  test('is forgotten ten minutes after the last report (net.ipv4.route.mtu_expires)', () => {
    const { routes, mtu, pass } = setUp();
    routes.learnPathMtu(far, 1400);
    pass(300_000);
    routes.learnPathMtu(far, 1300);
    pass(599_999);
    expect(mtu('192.168.1.12')).toBe(1300);
    pass(1);
    expect(mtu('192.168.1.12')).toBe(1500);
  });
});
