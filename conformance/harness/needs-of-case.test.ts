import { expect, test } from 'vitest';
import type { Case } from './case.ts';
import { ipv6Environment } from './default-environment.ts';
import { needsOfCase } from './needs-of-case.ts';

function caseOf(changes: Partial<Case>): Case {
  return {
    id: 'a/b',
    title: '',
    requirement: '',
    source: [],
    level: 'core',
    tags: [],
    needs: [],
    rules: '',
    script: () => Promise.resolve(),
    ...changes,
  };
}

test('methods, protocols, schedulers and timeouts are read from the rules', () => {
  const rules = `
    -A -t 10.0.0.100:80 -s wrr
    -a -t 10.0.0.100:80 -r 192.168.1.11:80 -m -w 1
    -A -u 10.0.0.100:53 -s nosuch
    -a -u 10.0.0.100:53 -r 192.168.1.11:53 -i
    --set 100 50 30
  `;
  expect(needsOfCase(caseOf({ rules, needs: ['clock'] }))).toEqual([
    'clock',
    'nat',
    'scheduler.wrr',
    'tcp',
    'timeouts',
    'tunnel',
    'udp',
  ]);
});

test('IPv6 is read from addresses, the option and the environment', () => {
  const tcp = ['ipv6', 'tcp'];
  expect(needsOfCase(caseOf({ rules: '-A -t [2001:db8::1]:80' }))).toEqual(tcp);
  expect(needsOfCase(caseOf({ rules: '-a -t 10.0.0.1:80 -r [2001:db8::1]:80' }))).toEqual(tcp);
  expect(needsOfCase(caseOf({ rules: '-A -f 1 -6' }))).toEqual(['fwmark', 'ipv6']);
  expect(needsOfCase(caseOf({ environment: ipv6Environment }))).toEqual(['ipv6']);
});

test("level ipvs needs the kernel's choices, settings need sysctl", () => {
  expect(needsOfCase(caseOf({ level: 'ipvs' }))).toEqual(['kernel-choices']);
  expect(needsOfCase(caseOf({ environment: { sysctls: { 'vs.conn_reuse_mode': '0' } } }))).toEqual(['sysctl']);
  expect(needsOfCase(caseOf({ environment: { sysctls: {} } }))).toEqual([]);
});
