import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import {
  BROADCAST_MAC,
  derivedMac,
  formatAddress,
  formatIpv4,
  formatIpv6,
  formatMac,
  parseAddress,
  parseIpv4,
  parseIpv6,
  parseMac,
  parsePrefix,
  readIpv6,
  readMac,
  writeIpv6,
  writeMac,
} from './address.ts';

const uint128 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n });
/** Addresses with runs of zero groups. */
const sparse = fc
  .array(fc.constantFrom(0n, 0n, 1n, 0xffffn), { minLength: 8, maxLength: 8 })
  .map((groups) => groups.reduce<bigint>((address, group) => (address << 16n) | group, 0n));
const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff });

/** The message of the MalformedInput that `action` throws. */
function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MalformedInput) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('an IPv4 address', () => {
  it.each([
    ['0.0.0.0', 0],
    ['10.0.0.1', 0x0a000001],
    ['192.168.1.254', 0xc0a801fe],
    ['255.255.255.255', 0xffff_ffff],
  ])('%s is its four bytes, first byte highest', (text, value) => {
    expect(parseIpv4(text)).toBe(value);
    expect(formatIpv4(value)).toBe(text);
  });

  it.each(
    [
      '',
      '.',
      '1.2.3',
      '1.2.3.',
      '.1.2.3',
      '1.2.3.4.',
      '1.2.3.4.5',
      '1..2.3',
      '256.0.0.1',
      '1.2.3.260',
      '1.2.3.1000',
    ].concat(
      ['01.2.3.4', '1.2.3.00', '1.2.3.0x4', ' 1.2.3.4', '1.2.3.4 ', '1.2.3.4\n', '-1.2.3.4', '+1.2.3.4', '1.2.3.4e0'],
      ['::1', '١.2.3.4', '10.0.0.1/24'],
    ),
  )('is refused as %j, naming the text', (text) => {
    expect(complaint(() => parseIpv4(text))).toContain(`'${text}'`);
  });

  test.prop([uint32])('comes back from its text', (value) => {
    expect(parseIpv4(formatIpv4(value))).toBe(value);
  });
});

describe('an IPv6 address', () => {
  // RFC 4291 §2.2, and RFC 5952 §4 and §5 for what is written.
  it.each([
    ['2001:db8:0:0:8:800:200c:417a', '2001:db8::8:800:200c:417a', 0x2001_0db8_0000_0000_0008_0800_200c_417an],
    ['FF01:0:0:0:0:0:0:101', 'ff01::101', 0xff01_0000_0000_0000_0000_0000_0000_0101n],
    ['0:0:0:0:0:0:0:1', '::1', 1n],
    ['::', '::', 0n],
    ['0:0:0:0:0:0:13.1.68.3', '::d01:4403', 0x0d01_4403n],
    ['::FFFF:129.144.52.38', '::ffff:129.144.52.38', 0xffff_8190_3426n],
    ['2001:0db8::0001', '2001:db8::1', 0x2001_0db8_0000_0000_0000_0000_0000_0001n],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1', 0x2001_0db8_0000_0001_0001_0001_0001_0001n],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1', 0x2001_0db8_0000_0001_0001_0001_0001_0001n],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1', 0x2001_0000_0000_0001_0000_0000_0000_0001n],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1', 0x2001_0db8_0000_0000_0001_0000_0000_0001n],
    ['fe80::', 'fe80::', 0xfe80n << 112n],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221', 0x0064_ff9b_0000_0000_0000_0000_c000_0221n],
  ])('%s is read, and written as %s', (text, written, value) => {
    expect(parseIpv6(text)).toBe(value);
    expect(formatIpv6(value)).toBe(written);
  });

  it.each(
    ['', ':', ':::', '1', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:', ':2:3:4:5:6:7:8'].concat(
      ['1::2::3', '1:2:3:4::5:6:7:8', '::12345', '::g', '::-1', '::1 ', ' ::1', '::1\n', '::1%eth0', '[::1]', '::1/64'],
      ['::1.2.3', '::1.2.3.4:5', '1.2.3.4::', '1:2:3:4:5:6:7:1.2.3.4', '::01.2.3.4', '10.0.0.1', '::１'],
    ),
  )('is refused as %j, naming the text', (text) => {
    expect(complaint(() => parseIpv6(text))).toContain(`'${text}'`);
  });

  test.prop([fc.oneof(uint128, sparse)], { numRuns: 500 })('comes back from its text and from its bytes', (value) => {
    expect(parseIpv6(formatIpv6(value))).toBe(value);
    const bytes = new Uint8Array(20).fill(0xa5);
    const view = new DataView(bytes.buffer);
    writeIpv6(view, 2, value);
    expect(readIpv6(view, 2)).toBe(value);
    expect(Array.from(bytes.subarray(2, 18), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(
      value.toString(16).padStart(32, '0'),
    );
    expect([...bytes.subarray(0, 2), ...bytes.subarray(18)]).toEqual(Array(4).fill(0xa5));
  });

  /** An independent writer: the serialiser of the URL standard, which knows no dotted quads. */
  test.prop([fc.oneof(uint128, sparse).filter((value) => value >> 32n !== 0xffffn)])(
    'is written as in a URL',
    (value) => {
      const groups = value.toString(16).padStart(32, '0').match(/.{4}/g) ?? [];
      expect(`[${formatIpv6(value)}]`).toBe(new URL(`http://[${groups.join(':')}]/`).hostname);
    },
  );
});

describe('an address of either family', () => {
  it('is a number for IPv4 and a bigint for IPv6', () => {
    expect(parseAddress('10.0.0.1')).toBe(0x0a000001);
    expect(parseAddress('::10.0.0.1')).toBe(0x0a000001n);
    expect([0x0a000001, 0x0a000001n].map(formatAddress)).toEqual(['10.0.0.1', '::a00:1']);
  });

  it('is refused in the words of the family that it looks like', () => {
    expect(complaint(() => parseAddress('10.0.0.256'))).toBe("'10.0.0.256' is not an IPv4 address like 10.0.0.1");
    expect(complaint(() => parseAddress('1:2'))).toBe("'1:2' is not an IPv6 address like 2001:db8::1");
  });
});

describe('a MAC address', () => {
  it.each([
    ['00:00:00:00:00:00', 0],
    ['02:00:0a:00:00:01', 0x0200_0a00_0001],
    ['ff:ff:ff:ff:ff:ff', BROADCAST_MAC],
  ])('%s is its six bytes, first byte highest', (text, value) => {
    expect(parseMac(text)).toBe(value);
    expect(formatMac(value)).toBe(text);
  });

  it('may have upper-case digits', () => expect(parseMac('AA:bB:Cc:dd:EE:0F')).toBe(0xaabb_ccdd_ee0f));

  it.each(
    ['', '02:00:0a:00:00', '02:00:0a:00:00:01:', '02:00:0a:00:00:01:02', '2:0:a:0:0:1', '02-00-0a-00-00-01'].concat(
      ['02000a000001', '02:00:0a:00:00:0g', '02:00:0a:00:00:0', ' 2:00:0a:00:00:01', '02:00:0a:00:00:01\n'],
      ['@2:00:0a:00:00:01', '`2:00:0a:00:00:01', '0::00:0a:00:00:01'],
    ),
  )('is refused as %j, naming the text', (text) => {
    expect(complaint(() => parseMac(text))).toContain(`'${text}'`);
  });

  test.prop([mac])('comes back from its text', (value) => {
    expect(parseMac(formatMac(value))).toBe(value);
  });

  test.prop([mac, fc.nat(4)])('comes back from a frame, and only its six bytes are written', (value, offset) => {
    const bytes = new Uint8Array(12).fill(0xa5);
    const view = new DataView(bytes.buffer);
    writeMac(view, offset, value);
    expect(readMac(view, offset)).toBe(value);
    expect(Array.from(bytes.subarray(offset, offset + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':')).toBe(
      formatMac(value),
    );
    expect([...bytes.subarray(0, offset), ...bytes.subarray(offset + 6)]).toEqual(Array(6).fill(0xa5));
  });

  it('derived from an address is locally administered and ends in the address', () => {
    expect(formatMac(derivedMac(parseIpv4('10.0.0.100')))).toBe('02:00:0a:00:00:64');
    expect(formatMac(derivedMac(0xffff_ffff))).toBe('02:00:ff:ff:ff:ff');
  });
});

describe('a prefix', () => {
  it.each([
    ['10.0.0.1/24', 0x0a000001, 24, 0xffffff00],
    ['0.0.0.0/0', 0, 0, 0],
    ['128.0.0.0/1', 0x8000_0000, 1, 0x8000_0000],
    ['10.0.0.100/32', 0x0a000064, 32, 0xffff_ffff],
  ])('%s has its address, length and mask', (text, address, length, mask) => {
    expect(parsePrefix(text)).toEqual({ address, length, mask });
  });

  it.each([
    '10.0.0.1',
    '10.0.0.1/',
    '/24',
    '10.0.0.1/33',
    '10.0.0.1/-1',
    '10.0.0.1/024',
    '10.0.0.1/08',
    '10.0.0.1/24/8',
  ])('is refused as %j, naming the text', (text) => expect(complaint(() => parsePrefix(text))).toContain(`'${text}'`));

  it('is refused where its address is wrong', () => {
    expect(complaint(() => parsePrefix('10.0.0.256/24'))).toContain("'10.0.0.256'");
  });
});
