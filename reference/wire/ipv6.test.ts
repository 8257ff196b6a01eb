import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import { buildIp6, describeIp6, parseIp6 } from './ipv6.ts';
import type { Ip6Fields } from './layer.ts';

// The header of a UDP datagram that Linux 6.18 sent.
const DATAGRAM = '60330775000d114020010db800000001000000000000000220010db8000000010000000000000001';
const FIELDS = {
  trafficClass: 3,
  flowLabel: 0x30775,
  payloadLength: 13,
  nextHeader: 17,
  hopLimit: 64,
  source: '2001:db8:0:1::2',
  destination: '2001:db8:0:1::1',
};
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` bytes of contents behind it. */
function build(fields: Ip6Fields, data = 0, nextHeader = 255): string {
  const bytes = new Uint8Array(40 + data).fill(0xa5);
  buildIp6(view(bytes), 0, bytes.length, fields, nextHeader);
  expect(toHex(bytes.subarray(40))).toBe('a5'.repeat(data));
  return toHex(bytes.subarray(0, 40));
}

describe('an IPv6 header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseIp6(view(fromHex(`a5a5${DATAGRAM}`, '')), 2, 40)).toEqual({ kind: 'ip6', ...FIELDS });
  });

  it('is built as the kernel wrote it', () => {
    const { trafficClass, flowLabel, source, destination } = FIELDS;
    expect(build({ trafficClass, flowLabel, source, destination }, 13, 17)).toBe(DATAGRAM);
  });

  it('without fields has hop limit 64 and zero addresses', () => {
    expect(build({})).toBe(`600000000000ff40${'00'.repeat(32)}`);
  });

  it('is built as stated where the fields are wrong', () => {
    expect(build({ payloadLength: 7, nextHeader: 6, hopLimit: 0, trafficClass: 255 }, 3, 17).slice(0, 16)).toBe(
      '6ff0000000070600',
    );
  });

  it('cut short has the fields that are wholly there', () => {
    const { trafficClass, flowLabel, payloadLength, nextHeader } = FIELDS;
    const cut = (length: number) => parseIp6(view(fromHex(DATAGRAM, '')), 0, length);
    expect(cut(7)).toEqual({ kind: 'ip6', trafficClass, flowLabel, payloadLength, nextHeader });
    expect(cut(3)).toEqual({ kind: 'ip6', trafficClass });
    expect(cut(39)).not.toHaveProperty('destination');
  });

  it.each([
    [{ trafficClass: 256 }, 'ip6.trafficClass: 256'],
    [{ flowLabel: 0x10_0000 }, 'ip6.flowLabel: 1048576'],
    [{ payloadLength: 65536 }, 'ip6.payloadLength: 65536'],
    [{ nextHeader: -1 }, 'ip6.nextHeader: -1'],
    [{ hopLimit: 1.5 }, 'ip6.hopLimit: 1.5'],
    [{ source: '10.0.0.1' }, "ip6.source: '10.0.0.1'"],
    [{ destination: 'vip' }, "ip6.destination: 'vip'"],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it('with more than 65535 bytes of payload is refused', () => {
    expect(() => build({}, 65536)).toThrow('ip6.payloadLength: 65536 is not a whole number from 0 to 65535');
  });

  it.each([
    [{ hopLimit: 63 }, 'hlim 63'],
    [{ hopLimit: 63, trafficClass: 3, flowLabel: 0x345 }, 'class 0x03 flow 0x00345 hlim 63'],
    [{}, 'hlim ?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeIp6(fields)).toBe(text);
  });
});
