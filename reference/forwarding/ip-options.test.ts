import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { bytesOf, layerOf, layersOf, packetOf, wrongChecksums } from '../testing/packets.ts';
import { ip, payload } from '../wire/layer.ts';
import { readOptions } from './ip-options.ts';

const OWN = 0x0a000064;
const withOptions = (options: string) => packetOf(ip({ protocol: 99, options }), payload('data'));
const optionsOf = (packet: ReturnType<typeof packetOf>) => layerOf(layersOf(bytesOf(packet)), 'ip').options;

describe('IP options', () => {
  test.each([
    ['no options', ''],
    ['no-operations', '01010101'],
    ['a router alert', '94040000'],
    ['an option nobody knows', '1e06aabbccdd0101'],
    ['a full record route', '070b0c0a0000090a09090900'],
  ])('%s: accepted and left alone', (_what, options) => {
    const packet = withOptions(options);
    const before = bytesOf(packet);
    expect(readOptions(packet, OWN)).toBe('accepted');
    expect(bytesOf(packet)).toEqual(before);
  });

  test('without an address of the director a record route is only looked at', () => {
    const packet = withOptions('070b04000000000000000000');
    expect(readOptions(packet)).toBe('accepted');
    expect(optionsOf(packet)).toBe('070b04000000000000000000');
    expect(readOptions(withOptions('0707030000000000'))).toEqual({ problemAt: 22 });
  });

  test('what stands behind the end of the list is cleared (net/ipv4/ip_options.c:__ip_options_compile)', () => {
    const packet = withOptions('940400000007ffffff010203');
    expect(readOptions(packet, OWN)).toBe('accepted');
    expect(optionsOf(packet)).toBe('940400000000000000000000');
    expect(wrongChecksums(bytesOf(packet))).toEqual([]);
  });

  // Wherever the option stands: on an even or an odd byte of the header.
  test.each([
    ['070b04000000000000000000', '070b080a0000640000000000'],
    ['070b080a0000090000000000', '070b0c0a0000090a00006400'],
    ['01070b040000000000000000', '01070b080a00006400000000'],
  ])('record route %s gets the director’s address: %s (RFC 791 §3.1)', (before, after) => {
    const packet = withOptions(before);
    expect(readOptions(packet, OWN)).toBe('accepted');
    expect(optionsOf(packet)).toBe(after);
    expect(wrongChecksums(bytesOf(packet))).toEqual([]);
  });

  test.each(['83070408080808', '89070408080808'])('a source route %s is known as such', (options) => {
    expect(readOptions(withOptions(`${options}00`), OWN)).toBe('source-routed');
  });

  // RFC 792: the pointer names the octet where an error was detected; which one is net/ipv4/ip_options.c:__ip_options_compile’s choice.
  test.each([
    ['a length beyond the header', '01070c04', 21],
    ['a length of one', '07010000', 20],
    ['no room for a length', '01010107', 23],
    ['a record route without pointer', '07020000', 21],
    ['a record route that points into itself', '0707030000000000', 22],
    ['a record route with half a slot', '0706040000000000', 22],
    ['a second record route', '0703040707040000000001', 23],
  ])('%s is a problem at its byte', (_what, options, problemAt) => {
    expect(readOptions(withOptions(options), OWN)).toEqual({ problemAt });
  });

  property.prop([fc.uint8Array({ minLength: 4, maxLength: 40, size: 'max' })])(
    'any bytes at all: the header stays as long as it was and its checksum right',
    (bytes) => {
      const options = bytes.subarray(0, bytes.length & ~3);
      const packet = withOptions(Buffer.from(options).toString('hex'));
      const before = bytesOf(packet);
      readOptions(packet, OWN);
      expect(packet.length).toBe(before.length);
      expect(bytesOf(packet).subarray(packet.headerLength)).toEqual(before.subarray(packet.headerLength));
      expect(wrongChecksums(bytesOf(packet))).toEqual([]);
    },
  );
});
