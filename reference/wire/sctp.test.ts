import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import type { SctpFields } from './layer.ts';
import { buildSctp, describeSctp, parseSctp, sctpChecksum } from './sctp.ts';

/** An INIT from port 40001 to 90; tshark 4.0.17 finds its CRC32c right. */
const HEADER = '9c41005a000000001f4ecb33';
const INIT = '010000140000000100010000000a000a00000001';
const FIELDS = { sourcePort: 40001, destinationPort: 90, verificationTag: 0, checksum: 0x1f4ecb33 };
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: SctpFields, chunks = ''): string {
  const bytes = new Uint8Array(12 + chunks.length / 2).fill(0xa5);
  bytes.set(fromHex(chunks, 'chunks'), 12);
  buildSctp(view(bytes), 0, bytes.length, fields);
  expect(toHex(bytes.subarray(12))).toBe(chunks);
  return toHex(bytes.subarray(0, 12));
}

describe('an SCTP common header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseSctp(view(fromHex(`a5${HEADER}`, '')), 1, 12)).toEqual({ kind: 'sctp', ...FIELDS });
  });

  it('is built with the checksum of header and chunks', () => {
    expect(build({ sourcePort: 40001, destinationPort: 90 }, INIT)).toBe(HEADER);
  });

  it('is built as stated where the checksum is wrong', () => {
    expect(build({ checksum: 0x12345678, verificationTag: 0xffffffff }, INIT)).toBe('00000000ffffffff12345678');
  });

  it('has the same checksum whatever stands in its place', () => {
    for (const wrong of ['00000000', '1f4ecb33', 'ffffffff']) {
      const bytes = fromHex(HEADER.slice(0, 16) + wrong + INIT, '');
      expect(sctpChecksum(view(bytes), 0, bytes.length)).toBe(FIELDS.checksum);
    }
  });

  it.each([
    [3, ['sourcePort']],
    [8, ['sourcePort', 'destinationPort', 'verificationTag']],
  ])('cut short to %d bytes has the fields %j', (length, fields) => {
    expect(Object.keys(parseSctp(view(fromHex(HEADER, '')), 0, length))).toEqual(['kind', ...fields]);
  });

  it.each([
    [{ sourcePort: 65536 }, 'sctp.sourcePort: 65536'],
    [{ verificationTag: -1 }, 'sctp.verificationTag: -1'],
    [{ checksum: 2 ** 32 }, 'sctp.checksum: 4294967296'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it('is described by its verification tag', () => {
    expect(describeSctp({ verificationTag: 0xab })).toBe('sctp tag 0x000000ab');
    expect(describeSctp({})).toBe('sctp');
  });
});
