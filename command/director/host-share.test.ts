import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Environment } from '../../reference/environment.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { buildPacket } from '../../reference/wire/build-packet.ts';
import { arp, ethernet, icmp, icmp6, ip, ip6, neighbour, tcp, udp, type Layer } from '../../reference/wire/layer.ts';
import { checkShare, HostShare } from './host-share.ts';

const share = new HostShare(['10.0.0.1/24', '127.0.0.1/8', '2001:db8::1/64']);
const frame = (...layers: readonly Layer[]): Uint8Array => buildPacket([ethernet(), ...layers]);
const to = (destination: string) => ip({ source: '10.0.0.2', destination });
const to6 = (destination: string) => ip6({ source: '2001:db8::2', destination });
const quoted = [ip({ source: '10.0.0.1', destination: '10.0.0.9' }), udp()];

describe('of what arrives', () => {
  test.each([
    ['a connection to the host', frame(to('10.0.0.1'), tcp({ flags: 'S' })), true],
    ['an echo request to the host', frame(to('10.0.0.1'), icmp({ type: 8 })), true],
    ['a question for the host', frame(arp({ operation: 1, targetAddress: '10.0.0.1' })), true],
    ['an answer to what the director asked', frame(arp({ operation: 2, targetAddress: '10.0.0.1' })), false],
    ['an error about a tunnel packet', frame(to('10.0.0.1'), icmp({ type: 3, code: 4 }), ...quoted), false],
    ['a connection to a virtual address', frame(to('10.0.0.100'), tcp({ flags: 'S' })), false],
    ['a question for a virtual address', frame(arp({ operation: 1, targetAddress: '10.0.0.100' })), false],
    ['a connection to the host (IPv6)', frame(to6('2001:db8::1'), tcp({ flags: 'S' })), true],
    [
      'a solicitation for the host',
      frame(to6('ff02::1:ff00:1'), icmp6({ type: 135 }), neighbour({ target: '2001:db8::1' })),
      true,
    ],
    [
      'one for a virtual address',
      frame(to6('ff02::1:ff00:64'), icmp6({ type: 135 }), neighbour({ target: '2001:db8::64' })),
      false,
    ],
    [
      'an advertisement to the host',
      frame(to6('2001:db8::1'), icmp6({ type: 136 }), neighbour({ target: '2001:db8::9' })),
      false,
    ],
    ['an error to the host (IPv6)', frame(to6('2001:db8::1'), icmp6({ type: 2 })), false],
    ['a reply of a server to a client', frame(to('172.16.0.9'), tcp({ flags: 'AS' })), false],
  ])('%s: the kernel answers: %#', (_what, bytes, isKernels) => {
    expect(share.isForKernel(bytes)).toBe(isKernels);
  });

  property.prop([fc.uint8Array({ maxLength: 100 })])('any bytes are somebody’s', (bytes) => {
    expect(typeof share.isForKernel(bytes)).toBe('boolean');
  });
});

describe('an address or a packet that both would answer is refused', () => {
  const environment: Environment = {
    ports: [{ name: 'e0', mac: '02:00:00:00:00:01', addresses: ['10.0.0.1/24'], mtu: 1500 }],
    virtualAddresses: ['10.0.0.100'],
    routes: [],
    neighbours: 'arp',
    sysctls: {},
  };
  const check = (hosts: readonly string[], ownMac: boolean, forwards: boolean) => () =>
    checkShare(environment, new Map([['e0', hosts]]), [ownMac], () => forwards);

  test('a virtual address on the host', () => {
    expect(check(['10.0.0.100/32'], false, false)).toThrow(MalformedInput);
    expect(check(['10.0.0.100/32'], true, false)).toThrow(/ip address del 10\.0\.0\.100\/32 dev e0$/);
  });

  test('the port’s address, where the MAC address is another; with the host’s own MAC address the kernel keeps it', () => {
    expect(check(['10.0.0.1/24'], true, false)).toThrow(/10\.0\.0\.1 is an address of this host/);
    expect(check(['10.0.0.1/24'], false, false)).not.toThrow();
  });

  test('a kernel that forwards, unless the MAC address is another', () => {
    expect(check([], false, true)).toThrow(/interface e0: .*forwarding=0/);
    expect(check([], true, true)).not.toThrow();
  });
});
