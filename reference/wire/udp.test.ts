import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { addressSum } from './checksum.ts';
import { fromHex, toHex } from './hex.ts';
import type { UdpFields } from './layer.ts';
import { buildUdp, describeUdp, parseUdp, udpChecksum } from './udp.ts';

/** `hello` as Linux 6.18 sent it over its loopback, from 127.0.0.2 to 127.0.0.3. */
const HEADER = '9cbba027000d8119';
const HELLO = '68656c6c6f';
const FIELDS = { sourcePort: 40123, destinationPort: 40999, length: 13, checksum: 0x8119 };
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

/** The header built into bytes full of a5, with `data` behind it. */
function build(fields: UdpFields, source: number, destination: number, data: string): string {
  const bytes = new Uint8Array(8 + data.length / 2).fill(0xa5);
  bytes.set(fromHex(data, 'data'), 8);
  buildUdp(view(bytes), 0, bytes.length, fields, addressSum(source) + addressSum(destination));
  expect(toHex(bytes.subarray(8))).toBe(data);
  return toHex(bytes.subarray(0, 8));
}

describe('a UDP header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseUdp(view(fromHex(`a5${HEADER}`, '')), 1, 8)).toEqual({ kind: 'udp', ...FIELDS });
  });

  it('is built with the length and the checksum that the kernel wrote', () => {
    const { sourcePort, destinationPort } = FIELDS;
    expect(build({ sourcePort, destinationPort }, 0x7f000002, 0x7f000003, HELLO)).toBe(HEADER);
  });

  it('is built as stated where the fields are wrong, and with the checksum 0 for none', () => {
    expect(build({ length: 3, checksum: 0 }, 0, 0, HELLO)).toBe('0000000000030000');
    expect(build({ length: 65535, checksum: 0xbad0 }, 0, 0, '')).toBe('00000000ffffbad0');
  });

  it('has the checksum ffff where the computed one is 0 (RFC 768)', () => {
    // Protocol 17, length 8 twice, and a port that fills the sum up to ffff.
    expect(build({ sourcePort: 0xffff - 17 - 8 - 8 }, 0, 0, '').slice(12)).toBe('ffff');
    expect([udpChecksum(0), udpChecksum(1), udpChecksum(0xffff)]).toEqual([0xffff, 1, 0xffff]);
  });

  it.each([
    [2, ['sourcePort']],
    [5, ['sourcePort', 'destinationPort']],
    [7, ['sourcePort', 'destinationPort', 'length']],
  ])('cut short to %d bytes has the fields %j', (length, fields) => {
    const parsed = parseUdp(view(fromHex(HEADER, '')), 0, length);
    expect(Object.keys(parsed)).toEqual(['kind', ...fields]);
    expect({ ...FIELDS, kind: 'udp' }).toMatchObject(parsed);
  });

  it.each([
    [{ sourcePort: 65536 }, 'udp.sourcePort: 65536'],
    [{ destinationPort: -1 }, 'udp.destinationPort: -1'],
    [{ length: 65536 }, 'udp.length: 65536'],
    [{ checksum: 0.1 }, 'udp.checksum: 0.1'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields, 0, 0, '')).toThrow(MalformedInput);
    expect(() => build(fields, 0, 0, '')).toThrow(message);
  });

  it.each([
    [FIELDS, 'udp length 13'],
    [{ length: 13, checksum: 0 }, 'udp length 13 no-checksum'],
    [{}, 'udp'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeUdp(fields)).toBe(text);
  });
});
