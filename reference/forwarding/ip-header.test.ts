import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { formatIpv4 } from '../wire/address.ts';
import { IPV4 } from '../wire/ipv4.ts';
import { ip, payload, type IpFields } from '../wire/layer.ts';
import { decrementTtl, rewriteAddress, rewriteHeader16, writeHeader } from './ip-header.ts';

const address = fc.integer({ min: 0, max: 0xffff_ffff });
const fields = fc.record({
  source: address.map(formatIpv4),
  destination: address.map(formatIpv4),
  tos: fc.nat(255),
  id: fc.nat(0xffff),
  ttl: fc.integer({ min: 1, max: 255 }),
  protocol: fc.constant(99),
  df: fc.boolean(),
  options: fc.constantFrom('', '01010101'),
});
const packetWith = (fields: IpFields) => packetOf(ip(fields), payload('data'));

describe('a change of an IP header', () => {
  property.prop([fields])('one from the TTL is the header that had it from the start (RFC 1812 §5.3.1)', (fields) => {
    const packet = packetWith(fields);
    decrementTtl(packet);
    expect(bytesOf(packet)).toEqual(bytesOf(packetWith({ ...fields, ttl: fields.ttl - 1 })));
  });

  property.prop([fields, address, fc.constantFrom('source', 'destination')])(
    'another address is the header that had it from the start',
    (fields, address, side) => {
      const packet = packetWith(fields);
      rewriteAddress(packet, side, address, 0);
      expect(bytesOf(packet)).toEqual(bytesOf(packetWith({ ...fields, [side]: formatIpv4(address) })));
    },
  );

  property.prop([fields, fc.nat(0xffff)])(
    'another identification is the header that had it from the start',
    (fields, id) => {
      const packet = packetWith(fields);
      rewriteHeader16(packet.view, packet.start, IPV4.id, id);
      expect(bytesOf(packet)).toEqual(bytesOf(packetWith({ ...fields, id })));
    },
  );
});

describe('a header written new', () => {
  property.prop([fields, address, address])(
    'says what it was told, the length of what follows, and is right',
    (fields, source, destination) => {
      const { tos, id, ttl, df } = fields;
      const packet = packetWith(fields);
      packet.start -= 20;
      writeHeader(packet, { source, destination, protocol: 4, tos, ttl, id, dontFragment: df });
      const bytes = bytesOf(packet);
      const expected = {
        source: formatIpv4(source),
        destination: formatIpv4(destination),
        protocol: 4,
        tos,
        ttl,
        id,
        df,
        totalLength: bytes.length,
      };
      expect(layerOf(layersOf(bytes), 'ip')).toMatchObject({ ...expected, headerLength: 20, mf: false, offset: 0 });
      expect(wrongChecksums(bytes)).toEqual([]);
    },
  );
});
