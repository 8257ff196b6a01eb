import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UnsupportedFeature } from '../../../reference/errors.ts';
import { findKernel } from './find-kernel.ts';
import { obtainKernel } from './obtain-kernel.ts';
import { canFakeDebian, FakeDebian } from './testing/fake-debian.ts';

const silent = (): void => undefined;

describe.skipIf(!canFakeDebian)('the kernel of another suite', () => {
  let debian: FakeDebian;

  /** The machine's own sources, as `indextargets` names them, and what an apt with a configuration of its own does. */
  const aptGet = (script: string): void =>
    debian.aptGet(
      `case "$1" in indextargets) echo "bookworm bookworm ${debian.folder}/machine.sources:1"; exit;; esac
       rm -rf ${debian.folder}/seen; cp -r "$(dirname "$2")" ${debian.folder}/seen
       ${script}`,
    );
  const candidate = (version: string): void => debian.aptCache(`echo "  Candidate: ${version}"`);

  beforeEach(() => {
    debian = new FakeDebian();
    writeFileSync(
      join(debian.folder, 'machine.sources'),
      'Types: deb deb-src\n# A mirror.\nURIs: http://mirror.example/debian\nSuites: bookworm\n  bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/mirror.gpg\n\nTypes: deb\nURIs: http://other.example\nSuites: bookworm\n',
    );
    // In place of a kernel that needs a newer C library: one that runs once a loader is written into it.
    debian.buildKernel('6.12.99', '6.12um1', 'test -x "$(cat "$0.loader" 2>/dev/null)"');
    debian.buildIpvsadm();
    debian.buildPackage('libc6', '2.41', (root) =>
      FakeDebian.program(join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'), 'shift 2; exec "$@"'),
    );
    debian.buildPackage('patchelf', '0.18', (root) =>
      FakeDebian.program(
        join(root, 'usr/bin/patchelf'),
        '[ "$1 $3 $5" = "--set-interpreter --set-rpath --force-rpath" ] && echo "$2" > "$6.loader"',
      ),
    );
    aptGet(FakeDebian.delivering());
    candidate('6.12um1');
  });
  afterEach(() => debian.remove());

  test('is had by its series, runs with its own C library, and comes from the machine’s mirror with the machine’s keys', async () => {
    const lines: string[] = [];
    const kernel = await obtainKernel((line) => lines.push(line), '6.12');
    expect(lines.slice(-3)).toEqual([
      'reading the package index of Debian trixie',
      'downloading user-mode-linux 6.12um1 of Debian trixie',
      'unpacking',
    ]);
    expect(kernel).toMatchObject({
      version: '6.12.99',
      packages: { 'user-mode-linux': '6.12um1', libc6: '2.41', ipvsadm: '1.31' },
    });
    expect(kernel.kernel).toContain('/kernel-trixie/');
    expect(kernel.ipvsadm).toContain('/kernel/');
    // ipvsadm runs with the machine's C library, not with the kernel's.
    expect(kernel.libraries.join()).not.toContain('kernel-trixie');
    const seen = readFileSync(join(debian.folder, 'seen/sources/suite.sources'), 'utf8');
    expect(seen).toBe(
      'Types: deb\nSuites: trixie\nComponents: main\nURIs: http://mirror.example/debian\nSigned-By: /usr/share/keyrings/mirror.gpg\n',
    );
    expect(readFileSync(join(debian.folder, 'seen/status'), 'utf8')).toBe('');
  });

  test('is downloaded once, and does not take the place of the machine’s own', async () => {
    const kernel = await obtainKernel(silent, '6.12');
    aptGet('exit 1');
    expect(await obtainKernel(silent, '6.12')).toEqual(kernel);
    expect(debian.entries('kernel-trixie')).toHaveLength(1);
    expect(findKernel()).toHaveProperty('why');
    expect(findKernel('6.1')).toEqual({ why: 'not on this machine; a run with --target kernel-6.1 downloads it' });
  });

  test('is had anew where the cache was moved: the way to its C library is written into it', async () => {
    await obtainKernel(silent, '6.12');
    const moved = join(debian.folder, 'moved');
    renameSync(debian.caches, moved);
    vi.stubEnv('LVS_CONFORMANCE_CACHE', moved);
    expect(findKernel('6.12')).toHaveProperty('why');
    expect((await obtainKernel(silent, '6.12')).kernel).toContain(moved);
  });

  test('comes from the machine’s own suite where that has it', async () => {
    debian.buildKernel('6.1.99', '6.1um4');
    aptGet(FakeDebian.delivering('user-mode-linux_6.1um4.deb', 'ipvsadm*.deb'));
    const lines: string[] = [];
    const kernel = await obtainKernel((line) => lines.push(line), '6.1');
    expect(kernel.version).toBe('6.1.99');
    expect(lines).toEqual(['reading the package index', 'downloading user-mode-linux, ipvsadm', 'unpacking']);
    expect(debian.entries('kernel-bookworm')).toEqual([]);
  });

  test('of a series newer than all known is looked for in the suites that move on', async () => {
    candidate('7.2um1');
    await expect(obtainKernel(silent, '7.9')).rejects.toThrow(
      /^The kernel of Debian forky cannot be downloaded: its user-mode-linux is 7\.2um1, not of 7\.9; ask for that series instead$/,
    );
    await expect(obtainKernel(silent, '5.15')).rejects.toThrow(
      /^No suite of Debian has a kernel 5\.15; there are 5\.10, 6\.1, 6\.12, 7\.2$/,
    );
  });

  test.for([
    {
      what: 'has a key that the machine does not trust',
      script: 'echo "E: The repository \'http://mirror.example trixie InRelease\' is not signed." >&2; exit 100',
      version: '(none)',
      line: /does not trust its key .*apt-get install debian-archive-keyring$/,
    },
    {
      what: 'cannot be reached',
      script: 'echo "W: Failed to fetch http://mirror.example/debian/dists/trixie" >&2',
      version: '(none)',
      line: /Failed to fetch http:\/\/mirror\.example/,
    },
    { what: 'has no kernel', script: 'true', version: '(none)', line: /it has no user-mode-linux/ },
    { what: 'has another kernel by now', script: 'true', version: '6.13um1', line: /is 6\.13um1, not of 6\.12/ },
    {
      what: 'comes without its C library',
      script: FakeDebian.delivering('[!l]*.deb'),
      version: '6.12um1',
      line: /has no ld-linux-x86-64\.so\.2/,
    },
  ])('when the suite $what: one line with reason and mend, and nothing is kept', async ({ script, version, line }) => {
    await obtainKernel(silent, '6.12');
    mkdirSync(join(debian.folder, 'other'));
    renameSync(join(debian.caches, 'kernel-trixie'), join(debian.folder, 'other/kernel-trixie'));
    aptGet(script);
    candidate(version);
    const failure = obtainKernel(silent, '6.12');
    await expect(failure).rejects.toBeInstanceOf(UnsupportedFeature);
    await expect(failure).rejects.toThrow(/^The kernel of Debian trixie cannot be downloaded: [^\n]+; [^\n]+$/);
    await expect(failure).rejects.toThrow(line);
    expect(debian.entries('kernel-trixie')).toEqual([]);
  });

  test('where no source of the machine is Debian’s: one line that says so', async () => {
    await obtainKernel(silent, '6.12');
    debian.aptGet('echo "noble noble /etc/apt/sources.list:1"');
    await expect(obtainKernel(silent, '7.2')).rejects.toThrow(/no package source of this machine is Debian's/);
  });

  test('a source of one line is asked for the suite as well, with its options', async () => {
    writeFileSync(
      join(debian.folder, 'machine.list'),
      '# old\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib\n',
    );
    debian.aptGet(
      `case "$1" in indextargets) echo "bookworm bookworm ${debian.folder}/machine.list:2"; exit;; esac
       rm -rf ${debian.folder}/seen; cp -r "$(dirname "$2")" ${debian.folder}/seen
       ${FakeDebian.delivering()}`,
    );
    await obtainKernel(silent, '6.12');
    expect(readFileSync(join(debian.folder, 'seen/sources/suite.list'), 'utf8')).toBe(
      'deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian trixie main\n',
    );
  });
});
