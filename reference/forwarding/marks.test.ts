import { expect, test } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildPacket } from '../wire/build-packet.ts';
import { ip, payload, tcp, type Layer } from '../wire/layer.ts';
import { Marks } from './marks.ts';
import { PacketBuffer } from './packet-buffer.ts';

function packetOf(...layers: readonly Layer[]): PacketBuffer {
  const packet = new PacketBuffer();
  packet.load(buildPacket(layers), 0, 0);
  return packet;
}

const segment = packetOf(ip({ source: '10.9.1.1', destination: '10.0.0.100' }), tcp({ destinationPort: 443 }));

test.each([
  [[], 0],
  [[{ mark: 5 }], 5],
  [[{ mark: 5, protocol: 'udp' as const }], 0],
  [[{ mark: 5, source: '10.9.0.0/16', destination: '10.0.0.100/32' }], 5],
  [[{ mark: 5, source: '10.8.0.0/16' }], 0],
  [[{ mark: 5, destinationPorts: [443, 443] as const }], 5],
  [[{ mark: 5, destinationPorts: [444, 65535] as const }], 0],
  [[{ mark: 5 }, { mark: 7, protocol: 'tcp' as const }, { mark: 9, source: '1.2.3.4/32' }], 7],
])('of the rules %j the last one that fits marks the packet: %i', (rules, mark) => {
  expect(new Marks(rules).markOf(segment)).toBe(mark);
});

test('a fragment that has no ports fits no rule about ports, but those about addresses', () => {
  const later = packetOf(
    ip({ source: '10.9.1.1', destination: '10.0.0.100', protocol: 6, offset: 24 }),
    payload('data'),
  );
  expect(new Marks([{ mark: 5, destinationPorts: [0, 65535] }]).markOf(later)).toBe(0);
  expect(new Marks([{ mark: 5, protocol: 'tcp' }]).markOf(later)).toBe(5);
});

test.each([[{ mark: 0 }], [{ mark: 2 ** 32 }], [{ mark: 1.5 }], [{ mark: 5, source: '10.0.0.0' }]])(
  '%j is refused',
  (rule) => {
    expect(() => new Marks([rule])).toThrow(MalformedInput);
  },
);
