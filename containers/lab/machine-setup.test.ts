import { expect, test } from 'vitest';
import { topologies } from '../topologies/index.ts';
import { bareInterfaces, machineSetup } from './machine-setup.ts';

const cases = topologies.flatMap((topology) =>
  topology.machines.map((machine) => [`${topology.id} ${machine.name}`, topology, machine] as const),
);

test.each(cases)('%s has its addresses before its routes, and settings before both', (_name, topology, machine) => {
  const lines = machineSetup(topology, machine);
  const at = (part: string): number => lines.findIndex((line) => line.includes(part));
  for (const { name, addresses } of machine.interfaces) {
    for (const address of addresses) expect(lines.join('\n')).toContain(`ip address add ${address} dev ${name}`);
  }
  const firstRoute = at('route add');
  if (firstRoute !== -1)
    expect(firstRoute).toBeGreaterThan(lines.findLastIndex((line) => line.includes('address add')));
  expect(lines.findLastIndex((line) => line.startsWith('echo'))).toBeLessThan(at('address add'));
});

test.each(cases)('%s has the virtual addresses just where they are declared', (_name, topology, machine) => {
  const lines = machineSetup(topology, machine);
  const found = [topology.virtualAddress, topology.virtualAddress6].map((address) =>
    lines.some((line) => line.includes(`address add ${address}/`)),
  );
  const isDeclared = machine.virtualAddressesOn !== undefined;
  expect(found).toEqual([isDeclared, isDeclared]);
});

test('a bare interface has no address, and a kernel behind it that says nothing', () => {
  const [, , machine] = cases.find(([name]) => name === 'vs-nat director') ?? [];
  if (machine === undefined) throw new Error('there is no director');
  const lines = bareInterfaces(machine);
  expect(lines.some((line) => line.includes('address add'))).toBe(false);
  expect(lines).toContain('echo 0 >/proc/sys/net/ipv4/ip_forward');
  expect(lines).toContain('ip link set eth1 address 02:00:0a:03:00:01 arp off up');
});
