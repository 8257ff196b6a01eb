import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import {
  BROADCAST_MAC,
  derivedMac,
  formatIpv4,
  formatMac,
  parseIpv4,
  parseMac,
  parsePrefix,
  readMac,
  writeMac,
} from './address.ts';

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
