import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { addressSum } from './checksum.ts';
import { fromHex, toHex } from './hex.ts';
import { buildIcmp6, describeIcmp6, isIcmp6Error, parseIcmp6 } from './icmpv6.ts';
import { parseIpv6 } from './ipv6-address.ts';
import type { Icmp6Fields } from './layer.ts';

/** What Linux 6.18 sent from 2001:db8:0:1::1 to 2001:db8:0:1::2: port unreachable with its quote. */
const UNREACHABLE = '0104f24800000000';
const QUOTE =
  '60330775000d114020010db800000001000000000000000220010db8000000010000000000000001' + '9cbba027000d5b9568656c6c6f';
const ADDRESSES = addressSum(parseIpv6('2001:db8:0:1::1')) + addressSum(parseIpv6('2001:db8:0:1::2'));
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` behind it. */
function build(fields: Icmp6Fields, data = '', addresses = 0): string {
  const bytes = new Uint8Array(8 + data.length / 2).fill(0xa5);
  bytes.set(fromHex(data, 'data'), 8);
  buildIcmp6(view(bytes), 0, bytes.length, fields, addresses);
  expect(toHex(bytes.subarray(8))).toBe(data);
  return toHex(bytes.subarray(0, 8));
}

describe('an ICMPv6 header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseIcmp6(view(fromHex(`a5${UNREACHABLE}`, '')), 1, 8)).toEqual({
      kind: 'icmp6',
      type: 1,
      code: 4,
      checksum: 0xf248,
      rest: 0,
    });
  });

  it('is built with the checksum that the kernel wrote, over the pseudo header too', () => {
    expect(build({ type: 1, code: 4 }, QUOTE, ADDRESSES)).toBe(UNREACHABLE);
    expect(build({ type: 1, code: 4 }, QUOTE)).not.toBe(UNREACHABLE);
  });

  it('without fields is an echo request', () => {
    expect(build({}).slice(0, 4)).toBe('8000');
  });

  it('is built as stated where the checksum is wrong', () => {
    expect(build({ type: 255, code: 255, checksum: 0xbad0, rest: 0xffff_ffff })).toBe('ffffbad0ffffffff');
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseIcmp6(view(fromHex(UNREACHABLE, '')), 0, 7)).toEqual({
      kind: 'icmp6',
      type: 1,
      code: 4,
      checksum: 0xf248,
    });
  });

  it('is an error where the high bit of the type is clear (RFC 4443 §2.1)', () => {
    expect(Array.from({ length: 256 }, (_, type) => type).filter(isIcmp6Error)).toEqual([...Array(128).keys()]);
  });

  it.each([
    [{ type: 256 }, 'icmp6.type: 256'],
    [{ code: -1 }, 'icmp6.code: -1'],
    [{ checksum: 65536 }, 'icmp6.checksum: 65536'],
    [{ rest: 2 ** 32 }, 'icmp6.rest: 4294967296'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ type: 1, code: 4, rest: 0 }, 'icmp6 1/4 port unreachable'],
    [{ type: 2, code: 0, rest: 1400 }, 'icmp6 2/0 packet too big mtu 1400'],
    [{ type: 3, code: 0, rest: 0 }, 'icmp6 3/0 hop limit exceeded'],
    [{ type: 4, code: 1, rest: 40 }, 'icmp6 4/1 unrecognized next header pointer 40'],
    [{ type: 128, code: 0, rest: 0x00010002 }, 'icmp6 128/0 echo request id 1 seq 2'],
    [{ type: 136, code: 0, rest: 0x6000_0000 }, 'icmp6 136/0 neighbour advertisement solicited override'],
    [{ type: 135, code: 0, rest: 0 }, 'icmp6 135/0 neighbour solicitation'],
    [{ type: 134, code: 0, rest: 0 }, 'icmp6 134/0 router advertisement'],
    [{ type: 42, code: 7, rest: 0 }, 'icmp6 42/7'],
    [{}, 'icmp6 ?/?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeIcmp6(fields)).toBe(text);
  });
});
