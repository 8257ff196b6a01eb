import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { findKernel, programOnHost } from './find-kernel.ts';
import { obtainKernel } from './obtain-kernel.ts';

/** These packages stand for Debian's; building them takes dpkg. */
const canBuildPackages = programOnHost('dpkg-deb') !== null && process.platform === 'linux' && process.arch === 'x64';
/** With a kernel of its own, or ipvsadm, a machine needs nothing downloaded. */
const isBare = programOnHost('linux.uml') === null && programOnHost('ipvsadm') === null;

describe.skipIf(!canBuildPackages || !isBare)('a kernel that is not on this machine', () => {
  let folder: string;
  let cache: string;

  /** An apt-get before the machine's own. It gets its configuration file as second argument, and the command as fourth. */
  const aptGet = (script: string): void => {
    const path = join(folder, 'bin/apt-get');
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  };
  const program = (path: string, text: string): void => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  };
  const buildPackage = (name: string, version: string, fill: (root: string) => void): void => {
    const root = join(folder, 'build', name);
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    writeFileSync(
      join(root, 'DEBIAN/control'),
      `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n`,
    );
    fill(root);
    execFileSync('dpkg-deb', ['-b', root, join(folder, `debs/${name}_${version}.deb`)], { stdio: 'ignore' });
  };
  const entries = (): string[] => (existsSync(cache) ? readdirSync(cache) : []);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'obtain-test-'));
    cache = join(folder, 'cache/kernel');
    mkdirSync(join(folder, 'bin'));
    mkdirSync(join(folder, 'debs'));
    vi.stubEnv('LVS_CONFORMANCE_CACHE', join(folder, 'cache'));
    vi.stubEnv('PATH', `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
    buildPackage('user-mode-linux', '6.1um4', (root) => {
      program(join(root, 'usr/bin/linux.uml'), 'echo 6.1.99');
      mkdirSync(join(root, 'usr/lib/uml/modules/6.1.99'), { recursive: true });
      writeFileSync(join(root, 'usr/lib/uml/modules/6.1.99/modules.dep'), '');
    });
    buildPackage('ipvsadm', '1.31', (root) => program(join(root, 'sbin/ipvsadm'), 'exit 0'));
    buildPackage('libc6', '2.99', (root) => program(join(root, 'lib/libc.so.6'), 'exit 0'));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  const delivering = `case "$*" in *install*)
  archives=$(sed -n 's/^Dir::Cache "\\(.*\\)";/\\1/p' "$2")/archives
  sleep 0.2; cp "$(dirname "$0")"/../debs/*.deb "$archives"
  esac`;

  test('is not found, and the one line says what mends it', () => {
    const found = findKernel();
    expect('why' in found && found.why).toMatch(
      /^not on this machine: user-mode-linux, ipvsadm.*apt-get install user-mode-linux ipvsadm.*$/,
    );
    expect(entries()).toEqual([]);
  });

  test('is downloaded once, found from then on, with the versions of its packages; the C library stays the machine’s own', async () => {
    aptGet(delivering);
    const lines: string[] = [];
    const kernel = await obtainKernel((line) => lines.push(line));
    expect(lines).toEqual(['reading the package index', 'downloading user-mode-linux, ipvsadm', 'unpacking']);
    expect(kernel).toMatchObject({ version: '6.1.99', packages: { 'user-mode-linux': '6.1um4', ipvsadm: '1.31' } });
    expect(kernel.packages).not.toHaveProperty('libc6');
    expect(existsSync(kernel.ipvsadm)).toBe(true);
    expect(findKernel()).toEqual(kernel);
    aptGet('exit 1');
    expect(await obtainKernel(() => undefined)).toEqual(kernel);
    expect(entries()).toHaveLength(1);
  });

  test('is had by two at the same time without harm', async () => {
    aptGet(delivering);
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
      script: delivering.replace('*.deb', 'user*.deb'),
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
      aptGet(script);
      const failure = obtainKernel(() => undefined);
      await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
      await expect(failure).rejects.toThrow(line);
      await expect(failure).rejects.toThrow(/^[^\n]*apt-get install [^\n]*$/);
      expect(entries().filter((name) => name.startsWith('.'))).toEqual([]);
      expect(findKernel()).toHaveProperty('why');
    },
  );

  test('where the cache cannot be written: one line that names the variable', async () => {
    aptGet(delivering);
    writeFileSync(join(folder, 'file'), '');
    vi.stubEnv('LVS_CONFORMANCE_CACHE', join(folder, 'file/cache'));
    await expect(obtainKernel(() => undefined)).rejects.toThrow(/^[^\n]*ENOTDIR[^\n]*LVS_CONFORMANCE_CACHE[^\n]*$/);
  });

  test('what a killed run left in the cache is removed by the next one', async () => {
    aptGet(delivering);
    const scheme = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
    // No process has this number: Linux counts to 4194304.
    mkdirSync(join(cache, `.new-4999999-${scheme}-abcdef/apt`), { recursive: true });
    await obtainKernel(() => undefined);
    expect(entries()).toHaveLength(1);
  });

  test('the newest of several is taken, by number and not by spelling', async () => {
    aptGet(delivering);
    await obtainKernel(() => undefined);
    const [entry = ''] = entries();
    for (const version of ['6.1.100', '6.1.98']) {
      cpSync(join(cache, entry), join(cache, version), { recursive: true });
      program(join(cache, version, 'root/usr/bin/linux.uml'), `echo ${version}`);
      cpSync(
        join(cache, entry, 'root/usr/lib/uml/modules/6.1.99'),
        join(cache, version, 'root/usr/lib/uml/modules', version),
        { recursive: true },
      );
    }
    expect(findKernel()).toMatchObject({ version: '6.1.100' });
  });
});
