import { expect, test } from 'vitest';
import { arp, ethernet, icmp6, ip, ip6, neighbour, payload, tcp, type Layer } from '../../reference/wire/layer.ts';
import { buildPacket } from '../../reference/wire/packet.ts';
import { bearsTraffic } from './bears-traffic.ts';

const v4 = { source: '10.0.0.2', destination: '10.0.0.100' };
const v6 = { source: '2001:db8::2', destination: '2001:db8::64' };
const traffic: readonly [string, readonly Layer[]][] = [
  ['a segment of TCP', [ethernet(), ip(v4), tcp()]],
  [
    'a segment over IPv6 whose first byte is that of a solicitation',
    [ethernet(), ip6(v6), tcp({ sourcePort: 135 << 8 })],
  ],
  ['an echo request of IPv6', [ethernet(), ip6(v6), icmp6({ type: 128 }), payload('ping')]],
  ['an error of IPv6', [ethernet(), ip6(v6), icmp6({ type: 2, rest: 1280 }), ip6(v6), tcp()]],
];
const others: readonly [string, readonly Layer[]][] = [
  ['ARP', [ethernet(), arp({})]],
  ['a neighbour solicitation', [ethernet(), ip6(v6), icmp6({ type: 135 }), neighbour({ target: '2001:db8::64' })]],
  ['a neighbour advertisement', [ethernet(), ip6(v6), icmp6({ type: 136 }), neighbour({ target: '2001:db8::64' })]],
  ['a protocol of the switch itself', [ethernet({ type: 0x88cc }), payload('LLDP')]],
];

test.each(traffic)('%s bears traffic', (_, layers) => expect(bearsTraffic(buildPacket(layers))).toBe(true));
test.each(others)('%s bears none', (_, layers) => expect(bearsTraffic(buildPacket(layers))).toBe(false));
test('a frame without a whole header bears none', () => expect(bearsTraffic(new Uint8Array(13))).toBe(false));
