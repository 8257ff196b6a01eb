import { describe, expect, test } from 'vitest';
import { topologies } from './index.ts';
import { macOf } from './mac-of.ts';

const isOnce = (values: readonly string[]): boolean => new Set(values).size === values.length;

describe.each(topologies.map((topology) => [topology.id, topology] as const))('%s', (_id, topology) => {
  const { machines, segments } = topology;
  const interfaces = machines.flatMap((machine) => machine.interfaces);
  const addresses = interfaces.flatMap((each) => each.addresses).map((prefix) => prefix.replace(/\/.*/, ''));

  test('has two clients, a router, a director and three servers, each with a name of its own', () => {
    const roles = machines.map(({ role }) => role).sort();
    expect(roles).toEqual(['client', 'client', 'director', 'router', 'server', 'server', 'server']);
    expect(isOnce(machines.map(({ name }) => name))).toBe(true);
  });

  test('has every address and MAC address once, and the virtual ones on no interface', () => {
    expect(isOnce(addresses)).toBe(true);
    expect(isOnce(interfaces.map(macOf))).toBe(true);
    expect(addresses).not.toContain(topology.virtualAddress);
    expect(addresses).not.toContain(topology.virtualAddress6);
  });

  test('connects every interface to a segment of its own, and leaves no segment to one machine alone', () => {
    for (const { segment } of interfaces) expect(segments).toContain(segment);
    for (const segment of segments) {
      expect(interfaces.filter((each) => each.segment === segment).length).toBeGreaterThan(1);
    }
  });

  test('routes through gateways that somebody is', () => {
    for (const { via } of machines.flatMap(({ routes }) => routes)) expect(addresses).toContain(via);
  });

  test('names devices of the switch in at most 13 characters: a bad cable adds two, and 15 are what Linux takes', () => {
    for (const { name, interfaces: own } of machines) {
      for (const each of own) expect(`${name}-${each.name}`.length).toBeLessThanOrEqual(13);
    }
  });
});
