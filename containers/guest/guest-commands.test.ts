import { describe, expect, test } from 'vitest';
import type { KernelInstallation } from '../../conformance/targets/kernel/installation.ts';
import { guestFolders, guestStart } from './guest-commands.ts';

const installationIn = (root: string): KernelInstallation => ({
  kernel: `${root}/usr/bin/linux.uml`,
  version: '6.12.1',
  modules: `${root}/usr/lib/uml/modules/6.12.1`,
  ipvsadm: '/usr/sbin/ipvsadm',
  perl: '/usr/bin/perl',
  libraries: [],
  compiler: null,
  packages: {},
});

describe('A container with a guest', () => {
  test('has a downloaded kernel with its program loader at their own place, and its modules where modprobe looks', () => {
    expect(guestFolders(installationIn('/cache/kernel-trixie/1/root'))).toEqual([
      { here: '/cache/kernel-trixie/1/root', there: '/cache/kernel-trixie/1/root' },
      { here: '/cache/kernel-trixie/1/root/usr/lib/uml/modules/6.12.1', there: '/usr/lib/modules/6.12.1' },
    ]);
  });

  test("has of this machine's own files the kernel alone, and its modules", () => {
    expect(guestFolders(installationIn(''))).toEqual([
      { here: '/usr/bin/linux.uml', there: '/usr/bin/linux.uml' },
      { here: '/usr/lib/uml/modules/6.12.1', there: '/usr/lib/modules/6.12.1' },
    ]);
  });

  test('starts with the modules of all that is needed, IPv6 first', () => {
    const line = guestStart('/opt/scripts', installationIn(''), { megabytes: 128, needs: ['ipvs', 'ipip'] });
    expect(line.join(' ')).toBe(
      'sh /opt/scripts/start.sh /usr/bin/linux.uml 128M ipv6 ip_vs ip_vs_ftp ipip ip6_tunnel',
    );
  });
});
