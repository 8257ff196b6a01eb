import { cpSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { findKernel } from './find-kernel.ts';
import { obtainKernel } from './obtain-kernel.ts';
import { canFakeDebian, FakeDebian } from './testing/fake-debian.ts';

describe.skipIf(!canFakeDebian)('a kernel that is not on this machine', () => {
  const delivering = FakeDebian.delivering();
  let debian: FakeDebian;
  let cache: string;
  const entries = (): string[] => debian.entries('kernel');

  beforeEach(() => {
    debian = new FakeDebian();
    cache = join(debian.caches, 'kernel');
    debian.buildKernel('6.1.99', '6.1um4');
    debian.buildIpvsadm();
    debian.buildPackage('libc6', '2.99', (root) => FakeDebian.program(join(root, 'lib/libc.so.6'), 'exit 0'));
  });
  afterEach(() => debian.remove());

  test('is not found, and the one line says what mends it', () => {
    const found = findKernel();
    expect('why' in found && found.why).toMatch(
      /^not on this machine: user-mode-linux, ipvsadm.*apt-get install user-mode-linux ipvsadm.*$/,
    );
    expect(entries()).toEqual([]);
  });

  test('is downloaded once, found from then on, with the versions of its packages; the C library stays the machine’s own', async () => {
    debian.aptGet(delivering);
    const lines: string[] = [];
    const kernel = await obtainKernel((line) => lines.push(line));
    expect(lines).toEqual(['reading the package index', 'downloading user-mode-linux, ipvsadm', 'unpacking']);
    expect(kernel).toMatchObject({ version: '6.1.99', packages: { 'user-mode-linux': '6.1um4', ipvsadm: '1.31' } });
    expect(kernel.packages).not.toHaveProperty('libc6');
    expect(existsSync(kernel.ipvsadm)).toBe(true);
    expect(findKernel()).toEqual(kernel);
    debian.aptGet('exit 1');
    expect(await obtainKernel(() => undefined)).toEqual(kernel);
    expect(entries()).toHaveLength(1);
  });

  test('is had by two at the same time without harm', async () => {
    debian.aptGet(delivering);
    const [one, other] = await Promise.all([obtainKernel(() => undefined), obtainKernel(() => undefined)]);
    expect(one).toEqual(other);
    expect(entries()).toHaveLength(1);
  });

  test.for([
    {
      what: 'is in no package source',
      script: 'case "$*" in *install*) echo "E: Unable to locate package user-mode-linux" >&2; exit 100; esac',
      line: /E: Unable to locate package user-mode-linux/,
    },
    {
      what: 'comes without its ipvsadm',
      script: FakeDebian.delivering('user*.deb'),
      line: /not on this machine: ipvsadm/,
    },
    {
      what: 'comes broken',
      script: `${delivering}\ncase "$*" in *install*) for file in "$archives"/*; do head -c 200 "$file" > "$file.part"; mv "$file.part" "$file"; done; esac`,
      line: /dpkg-deb: error/,
    },
  ])(
    'when it $what: one line with reason and mend, and nothing half done is taken for whole',
    async ({ script, line }) => {
      debian.aptGet(script);
      const failure = obtainKernel(() => undefined);
      await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
      await expect(failure).rejects.toThrow(line);
      await expect(failure).rejects.toThrow(/^[^\n]*apt-get install [^\n]*$/);
      expect(entries().filter((name) => name.startsWith('.'))).toEqual([]);
      expect(findKernel()).toHaveProperty('why');
    },
  );

  test('where the cache cannot be written: one line that names the variable', async () => {
    debian.aptGet(delivering);
    writeFileSync(join(debian.folder, 'file'), '');
    vi.stubEnv('LVS_CONFORMANCE_CACHE', join(debian.folder, 'file/cache'));
    await expect(obtainKernel(() => undefined)).rejects.toThrow(/^[^\n]*ENOTDIR[^\n]*LVS_CONFORMANCE_CACHE[^\n]*$/);
  });

  test('what a killed run left in the cache is removed by the next one', async () => {
    debian.aptGet(delivering);
    const scheme = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
    // No process has this number: Linux counts to 4194304.
    mkdirSync(join(cache, `.new-4999999-${scheme}-abcdef/apt`), { recursive: true });
    await obtainKernel(() => undefined);
    expect(entries()).toHaveLength(1);
  });

  test('the newest of several is taken, by number and not by spelling', async () => {
    debian.aptGet(delivering);
    await obtainKernel(() => undefined);
    const [entry = ''] = entries();
    for (const version of ['6.1.100', '6.1.98']) {
      cpSync(join(cache, entry), join(cache, version), { recursive: true });
      FakeDebian.program(join(cache, version, 'root/usr/bin/linux.uml'), `echo ${version}`);
      cpSync(
        join(cache, entry, 'root/usr/lib/uml/modules/6.1.99'),
        join(cache, version, 'root/usr/lib/uml/modules', version),
        { recursive: true },
      );
    }
    expect(findKernel()).toMatchObject({ version: '6.1.100' });
  });
});
