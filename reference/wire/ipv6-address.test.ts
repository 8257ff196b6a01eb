import { isIPv6 } from 'node:net';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { formatEndpoint, parseAddress } from './ip-address.ts';
import { formatMac, parseMac } from './address.ts';
import {
  derivedMac6,
  formatIpv6,
  linkLocalOf,
  multicastMacOf,
  parseIpv6,
  readIpv6,
  solicitedNodeOf,
  writeIpv6,
} from './ipv6-address.ts';

const uint128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
/** Addresses with runs of zeros, which random ones hardly have. */
const sparse = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce((address, group) => (address << 16n) | BigInt(group), 0n));

describe('an IPv6 address', () => {
  // An independent writer: the serialiser of the URL standard, which writes no dotted quads.
  test.prop([fc.oneof(uint128, sparse).filter((address) => address >> 32n !== 0xffffn)])(
    'is written as in a URL',
    (address) => {
      const groups = address.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
      expect(`[${formatIpv6(address)}]`).toBe(new URL(`http://[${groups.join(':')}]/`).hostname);
    },
  );

  // RFC 4291 §2.2 and §2.5.5, RFC 5952 §4.
  it.each([
    ['2001:DB8:0:0:8:800:200C:417A', '2001:db8::8:800:200c:417a'],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:db8::0001', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['::ffff:129.144.52.38', '::ffff:129.144.52.38'],
    ['::FFFF:8190:3426', '::ffff:129.144.52.38'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, written) => {
    expect(formatIpv6(parseIpv6(text))).toBe(written);
  });

  it.each(
    ['', ':', ':::', '1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1::2::3', '12345::', 'g::', '1:2:3:4:5:6:7::8'].concat(
      [
        '::1.2.3',
        '1.2.3.4::',
        '::1.2.3.4:5',
        '::1%eth0',
        '[::1]',
        ' ::1',
        '::1/64',
        ':1::',
        '1:',
        '::0x1',
        '::1.2.3.256',
        '::1.2.3.04',
        '1.2.3.4',
      ],
    ),
  )('%j is refused, naming the text', (text) => {
    expect(() => parseIpv6(text)).toThrow(MalformedInput);
    expect(() => parseIpv6(text)).toThrow(`'${text}'`);
  });

  test.prop([fc.oneof(uint128, sparse)])('is itself after writing and reading, as text and as bytes', (address) => {
    expect(parseIpv6(formatIpv6(address))).toBe(address);
    const view = new DataView(new ArrayBuffer(18));
    writeIpv6(view, 1, address);
    expect(readIpv6(view, 1)).toBe(address);
  });

  test.prop([fc.oneof(fc.ipV6(), fc.string())])('is taken exactly where Node takes it, zones aside', (text) => {
    const taken = () => {
      try {
        parseIpv6(text);
        return true;
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedInput);
        return false;
      }
    };
    expect(taken()).toBe(isIPv6(text) && !text.includes('%'));
  });
});

describe('an address that follows from another', () => {
  // The link-local ones are what Linux 6.18 gave its interfaces, and RFC 2464 §4's example.
  it('is a link-local one from a MAC address', () => {
    expect(formatIpv6(linkLocalOf(parseMac('02:00:00:00:00:c1')))).toBe('fe80::ff:fe00:c1');
    expect(formatIpv6(linkLocalOf(parseMac('34:56:78:9a:bc:de')))).toBe('fe80::3656:78ff:fe9a:bcde');
  });

  it('is the group of those who might have it, and the MAC address of that', () => {
    const group = solicitedNodeOf(parseIpv6('4037::01:800:200e:8c6c'));
    expect(formatIpv6(group)).toBe('ff02::1:ff0e:8c6c');
    expect(formatMac(multicastMacOf(group))).toBe('33:33:ff:0e:8c:6c');
  });

  it('is a MAC address', () => {
    expect(formatMac(derivedMac6(parseIpv6('2001:db8::a:b')))).toBe('02:06:00:0a:00:0b');
  });
});

test.prop([fc.oneof(fc.ipV4(), fc.ipV6())])('an address of either family is read', (text) => {
  expect(typeof parseAddress(text)).toBe(text.includes(':') ? 'bigint' : 'number');
});

it('an endpoint of IPv6 has brackets (RFC 3986 §3.2.2)', () => {
  expect(formatEndpoint(parseAddress('2001:db8::1'), 80)).toBe('[2001:db8::1]:80');
  expect(formatEndpoint(parseAddress('10.0.0.1'), 80)).toBe('10.0.0.1:80');
});
