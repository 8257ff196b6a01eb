import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../reference/errors.ts';
import { parseEnvironment } from './parse-environment.ts';

const port = { name: 'client', mac: '02:00:00:00:00:c1', addresses: ['10.0.0.1/24', '2001:db8:0:1::1/64'] };
const parse = (change: object) => parseEnvironment(JSON.stringify({ ports: [port], ...change }), 'host.json');

describe('an environment with IPv6', () => {
  it('has addresses of both families side by side', () => {
    const environment = {
      virtualAddresses: ['10.0.0.100', '2001:db8:0:1::100'],
      routes: [
        { destination: '0.0.0.0/0', via: '10.0.0.254' },
        { destination: '::/0', via: '2001:db8:0:1::fe' },
      ],
    };
    expect(parse(environment)).toMatchObject({ ports: [port], ...environment });
  });

  it.each([
    [{ virtualAddresses: ['2001:db8::1::2'] }, "virtualAddresses[0]: '2001:db8::1::2' is not an IPv6 address"],
    [
      { ports: [{ ...port, addresses: ['2001:db8::1/129'] }] },
      "ports[0].addresses[0]: '2001:db8::1/129' is not a prefix",
    ],
    [{ ports: [{ ...port, mtu: 1279 }] }, 'ports[0].mtu: a host with IPv6 addresses needs at least 1280 bytes'],
    [
      { routes: [{ destination: '::/0', via: '10.0.0.254' }] },
      "routes[0]: '10.0.0.254' is no next hop to '::/0': give one of the same family",
    ],
  ])('with %o is refused, naming the place', (change, message) => {
    expect(() => parse(change)).toThrow(MalformedInput);
    expect(() => parse(change)).toThrow(`host.json: ${message}`);
  });

  it('may have narrow ports for IPv4 alone', () => {
    expect(parse({ ports: [{ ...port, addresses: ['10.0.0.1/24'], mtu: 1279 }] }).ports[0]?.mtu).toBe(1279);
  });
});

describe('an environment with marks', () => {
  it('has rules and local routes as they stand there', () => {
    const environment = {
      marks: [{ mark: 5, protocol: 'tcp', destination: '172.20.0.0/16', destinationPorts: [80, 443] }, { mark: 7 }],
      localRoutes: [{ destination: '0.0.0.0/0', mark: 5 }, { destination: '172.21.0.0/16' }],
    };
    expect(parse(environment)).toMatchObject(environment);
  });

  it.each([
    [{ marks: [{ mark: 0 }] }, 'marks[0].mark: give a whole number from 1 to 4294967295'],
    [{ marks: [{ mark: 5, protocol: 'icmp' }] }, 'marks[0].protocol: give "tcp" or "udp"'],
    [{ marks: [{ mark: 5, destinationPorts: [80] }] }, 'marks[0].destinationPorts: give the first port and the last'],
    [{ localRoutes: [{ destination: '172.20.0.0' }] }, "localRoutes[0].destination: '172.20.0.0'"],
  ])('%o is refused, naming the place', (change, message) => {
    expect(() => parse(change)).toThrow(`host.json: ${message}`);
  });
});
