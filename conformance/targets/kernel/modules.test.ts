import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { moduleFiles } from './modules.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'modules-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const order = (dependencies: string): string[] => {
  writeFileSync(join(folder, 'modules.dep'), dependencies);
  return moduleFiles(folder, 'director').map(({ name }) => name);
};

test('every IPVS module comes after those it needs, each once, and no other module comes', () => {
  // As depmod writes it: what is needed, the deepest last.
  const names = order(
    [
      'kernel/net/ipvs/ip_vs_ftp.ko: kernel/nf_nat.ko kernel/net/ipvs/ip_vs.ko kernel/nf_conntrack.ko kernel/nf_defrag.ko',
      'kernel/net/ipvs/ip_vs.ko: kernel/nf_conntrack.ko kernel/nf_defrag.ko',
      'kernel/net/ipvs/ip_vs_rr.ko: kernel/net/ipvs/ip_vs.ko kernel/nf_conntrack.ko kernel/nf_defrag.ko',
      'kernel/net/sctp.ko: kernel/crc32c.ko',
      '',
    ].join('\n'),
  );
  expect([...names].sort()).toEqual(['ip_vs', 'ip_vs_ftp', 'ip_vs_rr', 'nf_conntrack', 'nf_defrag', 'nf_nat']);
  const before = (first: string, second: string): void =>
    expect(names.indexOf(first)).toBeLessThan(names.indexOf(second));
  before('nf_defrag', 'nf_conntrack');
  before('nf_conntrack', 'ip_vs');
  before('ip_vs', 'ip_vs_rr');
  before('ip_vs', 'ip_vs_ftp');
  before('nf_nat', 'ip_vs_ftp');
});

test('a packed module is known by its name', () => {
  writeFileSync(join(folder, 'modules.dep'), 'a/ip_vs.ko.xz: b/nf_conntrack.ko\n');
  expect(moduleFiles(folder, 'director')).toEqual([
    { name: 'nf_conntrack', path: join(folder, 'b/nf_conntrack.ko'), compressed: false },
    { name: 'ip_vs', path: join(folder, 'a/ip_vs.ko.xz'), compressed: true },
  ]);
});
