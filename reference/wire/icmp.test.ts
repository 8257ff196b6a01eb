import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import { buildIcmp, describeIcmp, isIcmpError, parseIcmp } from './icmp.ts';
import type { IcmpFields } from './layer.ts';

/** What Linux 6.18 sent over its loopback: an echo reply, and port unreachable with its quote. */
const REPLY = '00000e2d12340007';
const REPLY_DATA = '6c767321';
const UNREACHABLE = '0303fb2000000000';
const QUOTE = '45000021caf74000401171cf7f0000027f0000039cbba027000d811968656c6c6f';
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` behind it. */
function build(fields: IcmpFields, data = ''): string {
  const bytes = new Uint8Array(8 + data.length / 2).fill(0xa5);
  bytes.set(fromHex(data, 'data'), 8);
  buildIcmp(view(bytes), 0, bytes.length, fields);
  expect(toHex(bytes.subarray(8))).toBe(data);
  return toHex(bytes.subarray(0, 8));
}

describe('an ICMP header', () => {
  it('is parsed wherever it starts', () => {
    const fields = { kind: 'icmp', type: 0, code: 0, checksum: 0x0e2d, rest: 0x12340007 };
    expect(parseIcmp(view(fromHex(`a5${REPLY}`, '')), 1, 8)).toEqual(fields);
  });

  it('is built with the checksum that the kernel wrote', () => {
    expect(build({ type: 0, rest: 0x12340007 }, REPLY_DATA)).toBe(REPLY);
    expect(build({ type: 3, code: 3 }, QUOTE)).toBe(UNREACHABLE);
  });

  it('without fields is an echo request', () => {
    expect(build({})).toBe('0800f7ff00000000');
  });

  it('of zeros alone has the checksum ffff (RFC 1071)', () => {
    expect(build({ type: 0 }, '0000')).toBe('0000ffff00000000');
  });

  it('is built as stated where the checksum is wrong', () => {
    expect(build({ type: 255, code: 255, checksum: 0xbad0, rest: 0xffff_ffff })).toBe('ffffbad0ffffffff');
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseIcmp(view(fromHex(UNREACHABLE, '')), 0, 7)).toEqual({
      kind: 'icmp',
      type: 3,
      code: 3,
      checksum: 0xfb20,
    });
    expect(parseIcmp(view(fromHex(UNREACHABLE, '')), 0, 1)).toEqual({ kind: 'icmp', type: 3 });
  });

  it('is an error for the five types of RFC 1122 §3.2.2', () => {
    const errors = Array.from({ length: 256 }, (_, type) => type).filter(isIcmpError);
    expect(errors).toEqual([3, 4, 5, 11, 12]);
  });

  it.each([
    [{ type: 256 }, 'icmp.type: 256'],
    [{ code: -1 }, 'icmp.code: -1'],
    [{ checksum: 65536 }, 'icmp.checksum: 65536'],
    [{ rest: 2 ** 32 }, 'icmp.rest: 4294967296'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ type: 3, code: 3, rest: 0 }, 'icmp 3/3 port unreachable'],
    [{ type: 3, code: 4, rest: 1400 }, 'icmp 3/4 fragmentation needed mtu 1400'],
    [{ type: 11, code: 0, rest: 0 }, 'icmp 11/0 time to live exceeded'],
    [{ type: 8, code: 0, rest: 0x00010002 }, 'icmp 8/0 echo request id 1 seq 2'],
    [{ type: 0, code: 0, rest: 0xffff0002 }, 'icmp 0/0 echo reply id 65535 seq 2'],
    [{ type: 42, code: 7, rest: 0 }, 'icmp 42/7'],
    [{}, 'icmp ?/?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeIcmp(fields)).toBe(text);
  });
});
