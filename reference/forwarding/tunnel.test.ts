import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { parseIpv4 } from '../wire/address.ts';
import { ip, payload } from '../wire/layer.ts';
import { encapsulate } from './tunnel.ts';

const ipip = { type: 'ipip', port: 0, checksum: 'none' } as const;
const outer = { source: parseIpv4('192.168.1.1'), destination: parseIpv4('192.168.1.11'), dontFragment: true, id: 0 };

describe('encapsulation in IP (RFC 2003 §3.1)', () => {
  property.prop([
    fc.uint8Array({ maxLength: 1480, size: 'max' }),
    fc.nat(255),
    fc.nat(255),
    fc.boolean(),
    fc.nat(0xffff),
    fc.constantFrom('', '01010101'),
  ])('puts twenty bytes before the packet and changes none of its own', (data, tos, ttl, df, id, options) => {
    const packet = packetOf(
      ip({ source: '10.0.0.2', destination: '10.0.0.100', tos, ttl, options, protocol: 99 }),
      payload(data),
    );
    const before = bytesOf(packet);
    encapsulate(packet, ipip, { ...outer, dontFragment: df, id });
    const after = bytesOf(packet);
    expect(after.subarray(20)).toEqual(before);
    expect(layerOf(layersOf(after), 'ip')).toMatchObject({
      headerLength: 20,
      totalLength: before.length + 20,
      protocol: 4,
      source: '192.168.1.1',
      destination: '192.168.1.11',
      ttl,
      df,
      mf: false,
      offset: 0,
      id,
    });
    expect(wrongChecksums(after)).toEqual([]);
  });

  // RFC 3168 §9.1.1, ipvs-cases A11 to A13.
  test.each([
    [0x00, 0x00],
    [0x01, 0x01],
    [0x02, 0x02],
    [0x03, 0x02],
    [0xb8, 0xb8],
    [0xbb, 0xba],
  ])('type of service %i inside is %i outside', (inside, outside) => {
    const packet = packetOf(ip({ tos: inside, protocol: 99 }));
    encapsulate(packet, ipip, outer);
    expect(packet.tos).toBe(outside);
  });
});
