import { expect, test } from 'vitest';
import { settingPath } from './setting-path.ts';

test.each([
  ['vs.sloppy_tcp', '/proc/sys/net/ipv4/vs/sloppy_tcp'],
  ['ipv4.ip_forward', '/proc/sys/net/ipv4/ip_forward'],
  ['ipv6.conf.all.forwarding', '/proc/sys/net/ipv6/conf/all/forwarding'],
  ['netfilter.nf_conntrack_checksum', '/proc/sys/net/netfilter/nf_conntrack_checksum'],
])('%s is of IPv4 unless it names another part of net', (name, path) => {
  expect(settingPath(name)).toBe(path);
});
