import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { formatIpv4, parseIpv4 } from '../wire/address.ts';
import { ip, payload, tcp, udp } from '../wire/layer.ts';
import type { Side } from './ip-header.ts';
import { isTranslatable, translate, transportChecksum } from './nat.ts';

const word = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xffff));
const address = fc.oneof(fc.integer({ min: 0, max: 0xffff_ffff }), fc.constantFrom(0, 0xffff_ffff, 0x0a000064));
const data = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.uint8Array({ maxLength: 40, min: 0xff }),
  fc.uint8Array({ maxLength: 40, max: 0 }),
);
const options = fc.constantFrom('', '01010101', '0204 05b4 0402'.replaceAll(' ', ''));
const ends = fc.record({ source: address, destination: address, sourcePort: word, destinationPort: word });
const side = fc.constantFrom<Side>('source', 'destination');

interface Ends {
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const segment = (ends: Ends, bytes: Uint8Array, checksum?: number, ipOptions = '') =>
  packetOf(
    ip({ source: formatIpv4(ends.source), destination: formatIpv4(ends.destination), options: ipOptions }),
    tcp({ ...ports(ends), flags: 'A', ...(checksum !== undefined && { checksum }) }),
    payload(bytes),
  );
const datagram = (ends: Ends, bytes: Uint8Array, checksum?: number) =>
  packetOf(
    ip({ source: formatIpv4(ends.source), destination: formatIpv4(ends.destination) }),
    udp({ ...ports(ends), ...(checksum !== undefined && { checksum }) }),
    payload(bytes),
  );
const ports = ({ sourcePort, destinationPort }: Ends) => ({ sourcePort, destinationPort });
const translated = (ends: Ends, side: Side, address: number, port: number): Ends => ({
  ...ends,
  [side]: address,
  [side === 'source' ? 'sourcePort' : 'destinationPort']: port,
});

/** One's complement numbers: 0 and ffff are the same. */
const distance = (a: number, b: number): number => (((a - b) % 0xffff) + 0xffff) % 0xffff;

describe('translation', () => {
  property.prop([ends, data, options, side, address, word])(
    'of a TCP segment gives the segment that would have been built with the new address and port',
    (ends, bytes, ipOptions, side, address, port) => {
      const packet = segment(ends, bytes, undefined, ipOptions);
      translate(packet, side, address, port);
      expect(bytesOf(packet)).toEqual(
        bytesOf(segment(translated(ends, side, address, port), bytes, undefined, ipOptions)),
      );
    },
  );

  property.prop([ends, data, side, address, word])(
    'of a UDP datagram does too, with and without checksum: afterwards it has one, and never 0 (RFC 768)',
    (ends, bytes, side, address, port) => {
      const built = bytesOf(datagram(translated(ends, side, address, port), bytes));
      for (const checksum of [undefined, 0]) {
        const packet = datagram(ends, bytes, checksum);
        translate(packet, side, address, port);
        expect(bytesOf(packet)).toEqual(built);
        expect(packet.view.getUint16(packet.transport + 6)).not.toBe(0);
      }
    },
  );

  property.prop([ends, data, word, side, address, word])(
    'there and back is the identity, right and wrong checksums alike (0 and ffff are one number)',
    (ends, bytes, checksum, side, address, port) => {
      const packet = segment(ends, bytes, checksum);
      const before = bytesOf(packet);
      const { [side]: oldAddress, [side === 'source' ? 'sourcePort' : 'destinationPort']: oldPort } = ends;
      translate(packet, side, address, port);
      translate(packet, side, oldAddress, oldPort);
      const after = packet.view.getUint16(packet.transport + 16);
      expect(distance(after, checksum)).toBe(0);
      packet.view.setUint16(packet.transport + 16, checksum);
      expect(bytesOf(packet)).toEqual(before);
    },
  );

  property.prop([ends, data, word, side, address, word])(
    'leaves a wrong checksum wrong by as much as it was (paper P17; ipvs-cases A06)',
    (ends, bytes, checksum, side, address, port) => {
      const packet = segment(ends, bytes, checksum);
      const wrongBy = distance(checksum, transportChecksum(packet));
      translate(packet, side, address, port);
      expect(distance(packet.view.getUint16(packet.transport + 16), transportChecksum(packet))).toBe(wrongBy);
    },
  );

  test('the kernel’s sums: ipvs-cases A06, a wrong TCP checksum of 1111 becomes 3a81', () => {
    const packet = packetOf(
      ip({ source: '10.0.0.2', destination: '10.0.0.100', df: true }),
      tcp({ sourcePort: 40066, destinationPort: 80, flags: 'S', checksum: 0x1111 }),
    );
    translate(packet, 'destination', parseIpv4('192.168.1.11'), 8080);
    expect(packet.view.getUint16(packet.transport + 16)).toBe(0x3a81);
  });

  test('the kernel’s sums: ipvs-cases A23 to A25, UDP with checksum 0 and with a wrong one', () => {
    const request = (sourcePort: number, checksum: number) =>
      packetOf(
        ip({ source: '10.0.0.2', destination: '10.0.0.100' }),
        udp({ sourcePort, destinationPort: 53, checksum }),
        payload('xxxxxxxxxx'),
      );
    const without = request(5000, 0);
    translate(without, 'destination', parseIpv4('192.168.1.11'), 5353);
    expect(layerOf(layersOf(bytesOf(without)), 'udp').checksum).toBe(0xb149);
    expect(wrongChecksums(bytesOf(without))).toEqual([]);
    const wrong = request(5001, 0x1234);
    translate(wrong, 'destination', parseIpv4('192.168.1.11'), 5353);
    expect(layerOf(layersOf(bytesOf(wrong)), 'udp').checksum).toBe(0x4630);
  });

  test('ipvs-cases A27: a UDP checksum that comes to 0 is sent as ffff', () => {
    const ends = { source: 0x0a000002, destination: 0x0a000064, sourcePort: 5000, destinationPort: 53 };
    const probe = datagram(ends, Uint8Array.of(0, 0));
    translate(probe, 'destination', 0xc0a8010b, 5353);
    const sum = probe.view.getUint16(probe.transport + 6);
    const packet = datagram(ends, Uint8Array.of(sum >> 8, sum & 0xff));
    translate(packet, 'destination', 0xc0a8010b, 5353);
    expect(packet.view.getUint16(packet.transport + 6)).toBe(0xffff);
  });

  test('ipvs-cases C40: TCP may have checksum 0, and an incoming ffff is the same as 0000', () => {
    const ends = { source: 0x0a000002, destination: 0x0a000064, sourcePort: 40001, destinationPort: 80 };
    const results = [0x0000, 0xffff].map((checksum) => {
      const packet = segment(ends, Uint8Array.of(1, 2, 3), checksum);
      translate(packet, 'destination', 0xc0a8010b, 8080);
      return bytesOf(packet);
    });
    expect(results[0]).toEqual(results[1]);
    const probe = segment(ends, Uint8Array.of(0, 0));
    translate(probe, 'destination', 0xc0a8010b, 8080);
    const sum = probe.view.getUint16(probe.transport + 16);
    const packet = segment(ends, Uint8Array.of(sum >> 8, sum & 0xff));
    translate(packet, 'destination', 0xc0a8010b, 8080);
    expect(packet.view.getUint16(packet.transport + 16)).toBe(0);
  });

  property.prop([fc.nat(30), fc.constantFrom(6, 17)])(
    'needs the whole transport header: 20 bytes of TCP, 8 of UDP',
    (length, protocol) => {
      const packet = packetOf(ip({ protocol }), payload(new Uint8Array(length)));
      expect(isTranslatable(packet)).toBe(length >= (protocol === 6 ? 20 : 8));
    },
  );
});
