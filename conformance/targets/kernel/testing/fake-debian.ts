import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { vi } from 'vitest';
import { programOnHost } from '../find-kernel.ts';

/** The packages here stand for Debian's; building them takes dpkg. With a kernel of its own, or ipvsadm, a machine needs nothing downloaded. */
export const canFakeDebian =
  programOnHost('dpkg-deb') !== null &&
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  programOnHost('linux.uml') === null &&
  programOnHost('ipvsadm') === null;

/**
 * A Debian of a few packages, an apt before the machine's own, and an empty cache. The apt is a shell script: its words are
 * `-c CONFIGURATION -q COMMAND …`, and `indextargets …` where the machine's own sources are asked for.
 */
export class FakeDebian {
  readonly folder = mkdtempSync(join(tmpdir(), 'debian-test-'));
  readonly caches = join(this.folder, 'cache');

  constructor() {
    for (const name of ['bin', 'debs']) mkdirSync(join(this.folder, name));
    vi.stubEnv('LVS_CONFORMANCE_CACHE', this.caches);
    vi.stubEnv('PATH', `${join(this.folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`);
  }

  /** Fills the archives of whoever asks with all packages that were built, or those of patterns. */
  static delivering(...patterns: readonly string[]): string {
    const chosen = patterns.length === 0 ? ['*.deb'] : patterns;
    return `case "$*" in *install*)
  archives=$(sed -n 's/^Dir::Cache "\\(.*\\)";/\\1/p' "$2")/archives
  sleep 0.2; cd "$(dirname "$0")/../debs"; cp ${chosen.join(' ')} "$archives"
  esac`;
  }

  aptGet(script: string): void {
    FakeDebian.program(join(this.folder, 'bin/apt-get'), script);
  }

  aptCache(script: string): void {
    FakeDebian.program(join(this.folder, 'bin/apt-cache'), script);
  }

  static program(path: string, text: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o755);
  }

  buildPackage(name: string, version: string, fill: (root: string) => void): void {
    const root = join(this.folder, 'build', name);
    mkdirSync(join(root, 'DEBIAN'), { recursive: true });
    writeFileSync(
      join(root, 'DEBIAN/control'),
      `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n`,
    );
    fill(root);
    execFileSync('dpkg-deb', ['-b', root, join(this.folder, `debs/${name}_${version}.deb`)], { stdio: 'ignore' });
  }

  /** A kernel that says its version, if `runs` lets it, with modules. */
  buildKernel(version: string, packaged: string, runs = 'true'): void {
    this.buildPackage('user-mode-linux', packaged, (root) => {
      FakeDebian.program(join(root, 'usr/bin/linux.uml'), `${runs} && echo ${version}`);
      mkdirSync(join(root, 'usr/lib/uml/modules', version), { recursive: true });
      writeFileSync(join(root, 'usr/lib/uml/modules', version, 'modules.dep'), '');
    });
  }

  buildIpvsadm(): void {
    this.buildPackage('ipvsadm', '1.31', (root) => FakeDebian.program(join(root, 'sbin/ipvsadm'), 'exit 0'));
  }

  /** What is in a cache: `kernel`, or `kernel-SUITE`. */
  entries(cache: string): string[] {
    const folder = join(this.caches, cache);
    return existsSync(folder) ? readdirSync(folder) : [];
  }

  remove(): void {
    vi.unstubAllEnvs();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
