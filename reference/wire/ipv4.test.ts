import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import { buildIp, describeIp, ipHeaderLength, parseIp } from './ipv4.ts';
import type { IpFields } from './layer.ts';

// The TOS, DF, protocol and checksum of an ICMP error and of a UDP datagram that Linux 6.18 sent over its loopback.
const ERROR = '45c0003d920800004001e9f27f0000037f000002';
const DATAGRAM = '45000021caf74000401171cf7f0000027f000003';
const ERROR_FIELDS = {
  headerLength: 20,
  tos: 0xc0,
  totalLength: 61,
  id: 0x9208,
  df: false,
  mf: false,
  offset: 0,
  ttl: 64,
  protocol: 1,
  checksum: 0xe9f2,
  source: '127.0.0.3',
  destination: '127.0.0.2',
  options: '',
};
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` bytes of contents behind it. */
function build(fields: IpFields, data = 0, protocol = 255): string {
  const length = ipHeaderLength(fields);
  const bytes = new Uint8Array(length + data).fill(0xa5);
  buildIp(view(bytes), 0, bytes.length, fields, protocol);
  expect(toHex(bytes.subarray(length))).toBe('a5'.repeat(data));
  return toHex(bytes.subarray(0, length));
}

describe('an IPv4 header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseIp(view(fromHex(`a5a5${ERROR}`, '')), 2, 20)).toEqual({ kind: 'ip', ...ERROR_FIELDS });
  });

  it.each([
    ['4000', { df: true, mf: false, offset: 0 }],
    ['2000', { df: false, mf: true, offset: 0 }],
    ['0001', { df: false, mf: false, offset: 8 }],
    ['1fff', { df: false, mf: false, offset: 65528 }],
    ['60b9', { df: true, mf: true, offset: 1480 }],
  ])('has in the fragment word %s the fields %o', (word, fields) => {
    const hex = DATAGRAM.slice(0, 12) + word + DATAGRAM.slice(16);
    expect(parseIp(view(fromHex(hex, '')), 0, 20)).toMatchObject(fields);
    expect(build(fields).slice(12, 16)).toBe(word);
  });

  it('is built with the lengths and the checksum that the kernel wrote', () => {
    const { tos, id, df, source, destination } = ERROR_FIELDS;
    expect(build({ tos, id, df, source, destination }, 41, 1)).toBe(ERROR);
    expect(build({ id: 0xcaf7, source: destination, destination: source }, 13, 17)).toBe(DATAGRAM);
  });

  it('without fields has TTL 64, DF, id 1234 and zero addresses', () => {
    expect(build({}).slice(0, 20)).toBe('4500001412344000' + '40ff');
    expect(build({}).slice(24)).toBe('0000000000000000');
  });

  it('is built as stated where the fields are wrong', () => {
    expect(
      build({ headerLength: 60, totalLength: 7, protocol: 6, checksum: 0xbad0, ttl: 0, mf: true, offset: 8 }, 3, 17),
    ).toBe('4f0000071234600100' + '06bad0' + '0000000000000000');
  });

  it('has options padded with zeros to a multiple of 4', () => {
    expect(build({ options: '0107' }).slice(40)).toBe('01070000');
    expect(build({ options: '0107' }).slice(0, 8)).toBe('46000018');
    expect(parseIp(view(fromHex(build({ options: '01010101' }), '')), 0, 24)).toMatchObject({
      headerLength: 24,
      options: '01010101',
    });
  });

  it('cut short has the fields that are wholly there', () => {
    const { headerLength, tos, totalLength, id, df, mf } = ERROR_FIELDS;
    expect(parseIp(view(fromHex(ERROR, '')), 0, 7)).toEqual({ kind: 'ip', headerLength, tos, totalLength, id, df, mf });
    expect(parseIp(view(fromHex(ERROR, '')), 0, 2)).toEqual({ kind: 'ip', headerLength, tos });
  });

  it('cut short in its options has all fields but these', () => {
    const parsed = parseIp(view(fromHex(`46${ERROR.slice(2)}0101`, '')), 0, 20);
    expect({ ...parsed, options: '' }).toEqual({ kind: 'ip', ...ERROR_FIELDS, headerLength: 24 });
    expect(parsed).not.toHaveProperty('options');
  });

  it.each([
    [{ headerLength: 18 }, 'ip.headerLength: 18 is not a multiple of 4'],
    [{ headerLength: 64 }, 'ip.headerLength: 64'],
    [{ tos: 256 }, 'ip.tos: 256'],
    [{ totalLength: 65536 }, 'ip.totalLength: 65536'],
    [{ id: 1.5 }, 'ip.id: 1.5'],
    [{ offset: 12 }, 'ip.offset: 12 is not a multiple of 8'],
    [{ offset: 65536 }, 'ip.offset: 65536'],
    [{ ttl: -1 }, 'ip.ttl: -1'],
    [{ protocol: 256 }, 'ip.protocol: 256'],
    [{ checksum: Number.NaN }, 'ip.checksum: NaN'],
    [{ source: '10.0.0.300' }, "ip.source: '10.0.0.300'"],
    [{ destination: 'vip' }, "ip.destination: 'vip'"],
    [{ options: '0' }, "ip.options: '0'"],
    [{ options: '01'.repeat(41) }, 'ip.options: 44 bytes'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it('longer than 65535 bytes is refused', () => {
    expect(() => build({}, 65516)).toThrow('ip.totalLength: 65536 is not a whole number from 0 to 65535');
  });

  it.each([
    [{ ttl: 63 }, 'ttl 63'],
    [{ ttl: 63, tos: 0x10 }, 'tos 0x10 ttl 63'],
    [{ ttl: 63, id: 7, mf: true, offset: 0 }, 'fragment id 7 offset 0 mf ttl 63'],
    [{ ttl: 63, id: 7, mf: false, offset: 1480 }, 'fragment id 7 offset 1480 ttl 63'],
    [{ ttl: 63, options: '01010101' }, 'ip-options 01010101 ttl 63'],
    [{}, 'ttl ?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeIp(fields)).toBe(text);
  });
});
