import { fc, test as property } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { bytesOf, packetOf } from '../testing/packets.ts';
import { formatIpv6 } from '../wire/ipv6-address.ts';
import { destinationOptions, ip6, payload, tcp, udp, type Layer } from '../wire/layer.ts';
import type { Side } from './ip-header.ts';
import { translate } from './nat.ts';

const word = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xffff));
const address = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
  fc.constantFrom(0n, (1n << 128n) - 1n, 0x2001_0db8n << 96n),
);
const side = fc.constantFrom<Side>('source', 'destination');
const ends = fc.record({ source: address, destination: address, sourcePort: word, destinationPort: word });
const data = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40, min: 0xff }));
const between = fc.constantFrom<readonly Layer[]>([], [destinationOptions({ options: '01040000000001' })]);

interface Ends {
  readonly source: bigint;
  readonly destination: bigint;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const packet =
  ({ source, destination, ...ports }: Ends, extensions: readonly Layer[], transport: 'tcp' | 'udp') =>
  (bytes: Uint8Array) =>
    packetOf(
      ip6({ source: formatIpv6(source), destination: formatIpv6(destination) }),
      ...extensions,
      transport === 'tcp' ? tcp({ ...ports, flags: 'A' }) : udp(ports),
      payload(bytes),
    );

const translated = (of: Ends, side: Side, address: bigint, port: number): Ends =>
  side === 'source'
    ? { ...of, source: address, sourcePort: port }
    : { ...of, destination: address, destinationPort: port };

describe('translation of an IPv6 packet', () => {
  property.prop([ends, between, fc.constantFrom('tcp', 'udp'), data, side, address, word])(
    'is the packet that had address and port from the start: the checksum adjusted is the one computed (RFC 1624)',
    (ends, extensions, transport, bytes, side, address, port) => {
      const one = packet(ends, extensions, transport)(bytes);
      translate(one, side, address, port);
      const other = packet(translated(ends, side, address, port), extensions, transport)(bytes);
      expect(bytesOf(one)).toEqual(bytesOf(other));
    },
  );

  property.prop([ends, between, fc.constantFrom('tcp', 'udp'), data, side, address, word])(
    'there and back is the identity',
    (ends, extensions, transport, bytes, side, address, port) => {
      const one = packet(ends, extensions, transport)(bytes);
      const before = bytesOf(one);
      translate(one, side, address, port);
      translate(one, side, ends[side], side === 'source' ? ends.sourcePort : ends.destinationPort);
      expect(bytesOf(one)).toEqual(before);
    },
  );
});
