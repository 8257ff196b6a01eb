import { describe, expect, test } from 'vitest';
import type { Capture } from '../../conformance/captures/capture.ts';
import { arp, ethernet, icmp6, ip, ip6, neighbour, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { vsDr } from '../topologies/vs-dr.ts';
import { vsNat } from '../topologies/vs-nat.ts';
import { mergeTaps, type Tap } from './merge-taps.ts';
import { interfaceAt, macAt } from './testing/seen.ts';

const mac = (place: string): string => macAt(vsNat, place);
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function tap(place: string, ...frames: readonly (readonly [timeNs: bigint, layers: readonly Layer[]])[]): Tap {
  const capture: Capture = {
    interfaces: [{ name: '', snaplen: 262144 }],
    frames: frames.map(([timeNs, layers]) => {
      const bytes = buildPacket(layers);
      return { timeNs, interface: 0, bytes, originalLength: bytes.length };
    }),
  };
  return { machine: place.split('/')[0] ?? '', interface: interfaceAt(vsNat, place), capture };
}

const hello = [
  ethernet({ source: mac('client1/eth0'), destination: mac('router/eth0') }),
  ip({ source: '10.1.0.11', destination: '10.2.0.100' }),
  tcp({ flags: 'S' }),
];

function shown({ interfaces, frames }: Capture): string[] {
  return frames.map(
    ({ interface: index, direction, timeNs }) => `${timeNs} ${interfaces[index]?.name ?? ''} ${direction ?? ''}`,
  );
}

describe('taps become one capture', () => {
  test('named after machine and interface, out where the source is the own MAC address, in order of time', () => {
    const capture = mergeTaps([
      tap('router/eth0', [20n, hello], [40n, hello]),
      tap('client1/eth0', [10n, hello], [30n, hello]),
    ]);
    expect(capture.interfaces.map(({ name }) => name)).toEqual(['router/eth0', 'client1/eth0']);
    expect(shown(capture)).toEqual([
      '10 client1/eth0 out',
      '20 router/eth0 in',
      '30 client1/eth0 out',
      '40 router/eth0 in',
    ]);
    expect(capture.comment).toBeUndefined();
  });

  test('a frame leaves before it arrives, also in the same nanosecond', () => {
    const capture = mergeTaps([tap('router/eth0', [10n, hello]), tap('client1/eth0', [10n, hello])]);
    expect(shown(capture)).toEqual(['10 client1/eth0 out', '10 router/eth0 in']);
  });

  test('times of today are told apart to the nanosecond', () => {
    const now = 1_800_000_000_000_000_000n;
    const capture = mergeTaps([tap('router/eth0', [now + 1n, hello]), tap('client1/eth0', [now, hello])]);
    expect(capture.frames.map(({ timeNs }) => timeNs)).toEqual([now, now + 1n]);
  });

  test('frames flooded to a machine that they are not for are left out, and counted', () => {
    const capture = mergeTaps([tap('client1/eth0', [10n, hello]), tap('client2/eth0', [11n, hello])]);
    expect(shown(capture)).toEqual(['10 client1/eth0 out']);
    expect(capture.comment).toContain('1 delivered by the switch to a machine whose MAC address they do not have');
  });

  test('who is asked for is shown at the asker and at the one asked; for a virtual address at all', () => {
    const ask = (targetAddress: string): readonly Layer[] => [
      ethernet({ source: mac('router/eth1'), destination: BROADCAST }),
      arp({ operation: 1, senderMac: mac('router/eth1'), senderAddress: '10.2.0.1', targetAddress }),
    ];
    const at = (place: string, time: bigint, address: string): Tap => ({
      ...tap('director/eth0', [time, ask(address)]),
      machine: place.split('/')[0] ?? '',
      interface: interfaceAt(vsDr, place),
    });
    const everywhere = (address: string): string[] =>
      shown(
        mergeTaps([at('router/eth1', 1n, address), at('director/eth0', 2n, address), at('server1/eth0', 3n, address)]),
      );
    expect(everywhere('10.2.0.2')).toEqual(['1 router/eth1 out', '2 director/eth0 in']);
    expect(everywhere('10.2.0.100')).toEqual(['1 router/eth1 out', '2 director/eth0 in', '3 server1/eth0 in']);
    expect(everywhere('10.2.0.77')).toEqual(['1 router/eth1 out', '2 director/eth0 in', '3 server1/eth0 in']);
  });

  test('an announcement of an own address is shown wherever it comes', () => {
    const announcement = [
      ethernet({ source: mac('director/eth0'), destination: BROADCAST }),
      arp({ operation: 1, senderAddress: '10.2.0.2', targetAddress: '10.2.0.2' }),
    ];
    expect(shown(mergeTaps([tap('router/eth1', [1n, announcement]), tap('director/eth0')]))).toEqual([
      '1 router/eth1 in',
    ]);
  });

  test.each([
    [
      'a router solicitation',
      ip6({ source: 'fe80::1', destination: 'ff02::2', hopLimit: 255 }),
      [icmp6({ type: 133 })],
    ],
    ['a listener report', ip6({ source: 'fe80::1', destination: 'ff02::16', hopLimit: 1 }), [icmp6({ type: 143 })]],
    [
      'the question whether an address is taken',
      ip6({ source: '::', destination: 'ff02::1:ff00:11', hopLimit: 255 }),
      [icmp6({ type: 135 }), neighbour({ target: 'fd00:1::11' })],
    ],
  ])('%s is left out where it leaves and where it arrives', (_what, header, rest) => {
    const destination =
      header.kind === 'ip6' && header.destination === 'ff02::16' ? '33:33:00:00:00:16' : '33:33:ff:00:00:11';
    const frame = [ethernet({ source: mac('client1/eth0'), destination }), header, ...rest];
    const capture = mergeTaps([tap('client1/eth0', [1n, frame], [3n, hello]), tap('router/eth0', [2n, frame])]);
    expect(shown(capture)).toEqual(['3 client1/eth0 out']);
    expect(capture.comment).toContain('2 of IPv6 hosts about themselves');
  });

  test('a neighbour solicitation for another machine is left out where it arrives, one for the own address is not', () => {
    const ask = (target: string): readonly Layer[] => [
      ethernet({ source: mac('client1/eth0'), destination: '33:33:ff:00:00:01' }),
      ip6({ source: 'fd00:1::11', destination: 'ff02::1:ff00:1', hopLimit: 255 }),
      icmp6({ type: 135 }),
      neighbour({ target }),
    ];
    const frames = [
      [2n, ask('fd00:1::1')],
      [3n, ask('fd00:1::12')],
    ] as const;
    expect(shown(mergeTaps([tap('router/eth0', ...frames), tap('client2/eth0')]))).toEqual(['2 router/eth0 in']);
  });
});
