import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { arbitraryCapture, arbitraryClassicCapture } from './arbitrary-capture.ts';
import { encodePcap } from './encode-pcap.ts';
import { encodePcapng } from './encode-pcapng.ts';
import { parseCapture } from './read-capture.ts';
import { MOST_FRAMES, requireRoom } from './refusals.ts';

describe('what is written is read back the same', () => {
  test.prop([arbitraryCapture])(
    'pcapng: interfaces, times to the nanosecond, directions, comments, section',
    (capture) => {
      expect(parseCapture(encodePcapng(capture, 'x.pcapng'), 'x.pcapng')).toEqual(capture);
    },
  );

  test.prop([arbitraryClassicCapture])('classic pcap: times to the microsecond or nanosecond', (capture) => {
    expect(parseCapture(encodePcap(capture, 'x.pcap'), 'x.pcap')).toEqual(capture);
  });
});

describe('bytes that are no capture are refused with one line, whatever they are', () => {
  const file = fc.oneof(
    arbitraryCapture.map((capture) => encodePcapng(capture, 'x')),
    arbitraryClassicCapture.map((capture) => encodePcap(capture, 'x')),
  );

  test.prop([fc.uint8Array({ maxLength: 200 })])('any bytes', (bytes) => readsOrRefuses(bytes));

  test.prop([file, fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { minLength: 1, maxLength: 4 })])(
    'a file with some bytes changed',
    (bytes, changes) => {
      for (const { at, value } of changes) bytes[at % bytes.length] = value;
      readsOrRefuses(bytes);
    },
  );

  test.prop([file, fc.nat()])(
    'a file cut short anywhere within a frame or block is never taken for whole',
    (bytes, cut) => {
      const whole = parseCapture(bytes, 'x').frames.length;
      const length = cut % bytes.length;
      let frames: number;
      try {
        frames = parseCapture(bytes.subarray(0, length), 'x').frames.length;
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedInput);
        return;
      }
      // Only a cut between two frames or blocks leaves a whole file; then the same bytes with one more are not.
      expect(frames).toBeLessThanOrEqual(whole);
      expect(() => parseCapture(bytes.subarray(0, length + 1), 'x')).toThrow(MalformedInput);
    },
  );

  function readsOrRefuses(bytes: Uint8Array): void {
    try {
      const { interfaces, frames } = parseCapture(bytes, 'x.pcap');
      for (const frame of frames) {
        expect(interfaces[frame.interface]).toBeDefined();
        expect(frame.bytes.length).toBeLessThanOrEqual(frame.originalLength);
      }
    } catch (error) {
      if (!(error instanceof MalformedInput || error instanceof UnsupportedFeature)) throw error;
      expect(error.message).toMatch(/^x\.pcap: [^\n]+$/);
    }
  }
});

test('a capture of more frames than fit into memory is refused with the way to split it', () => {
  expect(() => requireRoom('x.pcap', MOST_FRAMES)).not.toThrow();
  expect(() => requireRoom('x.pcap', MOST_FRAMES + 1)).toThrow(UnsupportedFeature);
  expect(() => requireRoom('x.pcap', MOST_FRAMES + 1)).toThrow('split the file with: editcap -c 1000000 x.pcap');
});
