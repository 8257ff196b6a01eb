import { describe, expect, test } from 'vitest';
import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { parseCapture } from './read-capture.ts';

// Every file here is spelled out from draft-ietf-opsawg-pcap, section 4 (file header) and 5 (packet record).
const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (pair) => parseInt(pair, 16));
const HEADER = 'd4c3b2a1 0200 0400 00000000 00000000 00000400 01000000'; // little-endian, µs, snaplen 262144, Ethernet
const RECORD = '01000000 02000000 03000000 3c000000 aabbcc'; // 1 s 2 µs, 3 bytes kept of 60
const read = (text: string) => parseCapture(hex(text), 'x.pcap');

describe('the magic number says byte order and time unit', () => {
  test.each([
    ['little-endian µs', HEADER + RECORD, 1_000_002_000n],
    ['little-endian ns', '4d3cb2a1' + HEADER.slice(8) + RECORD, 1_000_000_002n],
    [
      'big-endian µs',
      'a1b2c3d4 0002 0004 00000000 00000000 00040000 00000001 00000001 00000002 00000003 0000003c aabbcc',
      1_000_002_000n,
    ],
    [
      'big-endian ns',
      'a1b23c4d 0002 0004 00000000 00000000 00040000 00000001 00000001 00000002 00000003 0000003c aabbcc',
      1_000_000_002n,
    ],
  ])('%s', (_, file, timeNs) => {
    expect(read(file)).toEqual({
      interfaces: [{ name: '', snaplen: 262144 }],
      frames: [
        { timeNs, interface: 0, direction: undefined, bytes: hex('aabbcc'), originalLength: 60, comment: undefined },
      ],
    });
  });

  test('a file without frames is a capture', () => {
    expect(read(HEADER).frames).toEqual([]);
  });

  test('seconds are unsigned: the last moment is in 2106', () => {
    expect(read(HEADER + 'ffffffff 3f420f00 00000000 00000000').frames[0]?.timeNs).toBe(4294967295_999999_000n);
  });
});

describe('what is wrong is told by byte offset and frame', () => {
  test.each([
    ['an empty file', '', 'x.pcap: the file is empty'],
    [
      'a file header cut short',
      HEADER.slice(0, 20),
      'x.pcap: byte 0, frame 1: the file header has 24 bytes, the file ends after 8',
    ],
    [
      'a record header cut short',
      HEADER + RECORD + '01000000',
      'x.pcap: byte 43, frame 2: a record header has 16 bytes, the file ends after 4',
    ],
    [
      'a frame cut short',
      HEADER + RECORD + RECORD.slice(0, -2),
      'x.pcap: byte 59, frame 2: the frame has 3 bytes, the file ends after 2',
    ],
    [
      'a frame above the snaplen',
      HEADER + '00000000 00000000 01000400 01000400',
      'x.pcap: byte 32, frame 1: the frame has 262145 bytes, the snaplen is 262144',
    ],
    [
      'more bytes kept than there were',
      HEADER + '00000000 00000000 02000000 01000000',
      'x.pcap: byte 32, frame 1: 2 bytes are kept of a frame of 1',
    ],
    [
      'a million microseconds',
      HEADER + '00000000 40420f00 00000000 00000000',
      'x.pcap: byte 28, frame 1: 1000000 µs are a second or more',
    ],
    ['a compressed file', '1f8b0800', 'x.pcap: the file is compressed; run gunzip'],
    ['another kind of file', '7f454c46', 'x.pcap: byte 0: neither pcap nor pcapng'],
  ])('%s', (_, file, message) => {
    expect(() => read(file)).toThrow(MalformedInput);
    expect(() => read(file)).toThrow(message);
  });

  test.each([
    ['Linux cooked (113)', HEADER.slice(0, -8) + '71000000', 'x.pcap: byte 20: link type 113 is not Ethernet (1)'],
    [
      'a check sequence of 4 bytes',
      HEADER.slice(0, -8) + '01000024',
      'the frames end with a check sequence of 4 bytes',
    ],
    ['version 2.2, whose lengths may be swapped', HEADER.replace('0400', '0200'), 'x.pcap: byte 4: pcap version 2.2'],
  ])('not supported: %s', (_, file, message) => {
    expect(() => read(file)).toThrow(UnsupportedFeature);
    expect(() => read(file)).toThrow(message);
  });
});
