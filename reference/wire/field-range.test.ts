import { describe, expect, it } from 'vitest';
import { buildPacket } from './build-packet.ts';
import { dissect } from './dissect.ts';
import { fieldRange } from './field-range.ts';
import {
  arp,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  routing,
  tcp,
  udp,
  type Layer,
} from './layer.ts';

describe('the range of a field', () => {
  it.each([
    ['ethernet', 'type', 12, 2],
    ['arp', 'targetAddress', 24, 4],
    ['ip', 'ttl', 8, 1],
    ['ip', 'offset', 6, 2],
    ['tcp', 'flags', 13, 1],
    ['udp', 'checksum', 6, 2],
    ['icmp', 'rest', 4, 4],
    ['tcp', 'options', 20, Infinity],
    ['ip6', 'hopLimit', 7, 1],
    ['hopByHop', 'options', 2, Infinity],
    ['fragment', 'id', 4, 4],
    ['neighbour', 'mac', 18, 6],
    ['payload', 'data', 0, Infinity],
  ] as const)('%s.%s begins at %d and has %d bytes', (kind, field, offset, length) => {
    expect(fieldRange(kind, field)).toEqual({ offset, length });
  });

  it.each([
    ['udp', 'flags'],
    ['ip', 'kind'],
    ['tcp', 'toString'],
    ['payload', ''],
  ] as const)('is undefined for %s and %j', (kind, field) => {
    expect(fieldRange(kind, field)).toBeUndefined();
  });

  it.each<[Layer, Layer[], Layer[]]>([
    [ethernet(), [], [arp()]],
    [arp(), [ethernet()], []],
    [ip({ options: '01010101' }), [ethernet()], [udp()]],
    [tcp({ options: '01010101', flags: 'S' }), [ethernet(), ip()], [payload('x')]],
    [udp(), [ethernet(), ip()], [payload('x')]],
    [icmp(), [ethernet(), ip()], [payload('x')]],
    [payload('hello'), [ethernet(), ip()], []],
    [ip6({ trafficClass: 3, flowLabel: 7 }), [ethernet()], [udp()]],
    [hopByHop({ options: '050200000100' }), [ethernet(), ip6()], [payload('x'.repeat(99))]],
    [destinationOptions(), [ethernet(), ip6()], [payload('x'.repeat(99))]],
    [routing({ data: '00'.repeat(20) }), [ethernet(), ip6()], [payload('x'.repeat(99))]],
    [fragment({ offset: 8 }), [ethernet(), ip6()], [payload('x')]],
    [icmp6(), [ethernet(), ip6()], [payload('x')]],
    [neighbour({ target: '2001:db8::1', mac: '02:00:00:00:00:c2' }), [ethernet(), ip6(), icmp6({ type: 135 })], []],
  ])('holds the bits that change the field, for every field of %o', (layer, around, inside) => {
    const bytes = buildPacket([...around, layer, ...inside]);
    const found = dissect(bytes)[around.length];
    const fields: [string, unknown][] = Object.entries(found?.layer ?? {}).filter(([name]) => name !== 'kind');
    expect(fields.length).toBeGreaterThan(0);
    for (const [name, value] of fields) {
      const range = fieldRange(layer.kind, name);
      const flipped = bytes.slice();
      const start = (found?.offset ?? 0) + (range?.offset ?? Number.NaN);
      const stop = Math.min(start + (range?.length ?? Number.NaN), (found?.offset ?? 0) + (found?.length ?? 0));
      // All bits but those of version and header length, which decide what layer it is.
      for (let index = start; index < stop; index += 1) {
        flipped[index] = (flipped[index] ?? 0) ^ (name === 'headerLength' ? (layer.kind === 'ip' ? 0x01 : 0x10) : 0xff);
      }
      const changed = dissect(flipped)[around.length]?.layer;
      expect({ ...changed }, name).not.toMatchObject({ [name]: value });
    }
  });
});
