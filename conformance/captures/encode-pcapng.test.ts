import { expect, test } from 'vitest';
import { encodePcapng } from './encode-pcapng.ts';
import { parsePcapng } from './parse-pcapng.ts';

// A buffer that is replaced in the middle of a write loses what is written to the old one; every remainder of 4 bytes meets the seam.
test('comments far longer than their frames all come back', () => {
  const frames = Array.from({ length: 64 }, (_, index) => ({
    timeNs: BigInt(index),
    interface: 0,
    bytes: Uint8Array.of(index),
    originalLength: 1,
    comment: `${index} `.repeat(200 + index),
  }));
  const file = encodePcapng({ interfaces: [{ name: 'client', snaplen: 0 }], frames }, 'test');
  const read = parsePcapng(file, 'test').frames;
  expect(read.map(({ comment }) => comment)).toEqual(frames.map(({ comment }) => comment));
  expect(read.map(({ bytes }) => [...bytes])).toEqual(frames.map(({ bytes }) => [...bytes]));
});
