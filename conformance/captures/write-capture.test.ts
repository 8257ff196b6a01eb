import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { InternalFault, MalformedInput } from '../../reference/errors.ts';
import type { Capture, CapturedFrame } from './capture.ts';
import { readCapture } from './read-capture.ts';
import { writeCapture } from './write-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'captures-'));
afterAll(() => rmSync(folder, { recursive: true }));

const frame = (fields: Partial<CapturedFrame> = {}): CapturedFrame => ({
  timeNs: 1_000_000_000n,
  interface: 0,
  bytes: Uint8Array.of(1, 2, 3),
  originalLength: 3,
  ...fields,
});
const capture = (...frames: CapturedFrame[]): Capture => ({ interfaces: [{ name: 'client', snaplen: 0 }], frames });
const magic = (path: string): string => readFileSync(path).subarray(0, 4).toString('hex');

describe('the name says the format', () => {
  test.each([
    ['a.pcapng', 1_000_000_000n, '0a0d0d0a'],
    ['a.pcap', 1_000_001_000n, 'd4c3b2a1'],
    ['b.pcap', 1_000_000_001n, '4d3cb2a1'],
    ['C.PCAP', 0n, 'd4c3b2a1'],
  ])('%s with a frame at %d ns begins with %s', (name, timeNs, expected) => {
    const path = join(folder, name);
    writeCapture(path, capture(frame({ timeNs })));
    expect(magic(path)).toBe(expected);
    expect(readCapture(path).frames[0]?.timeNs).toBe(timeNs);
  });

  test('any other name is refused and nothing is written', () => {
    const path = join(folder, 'a.txt');
    expect(() => writeCapture(path, capture())).toThrow(
      new MalformedInput(`${path}: the name of a capture file ends in .pcapng or .pcap; choose one of them`),
    );
    expect(existsSync(path)).toBe(false);
  });
});

describe('a file is there whole or not at all', () => {
  test.each([
    ['a time before 1970', 'old.pcap', { timeNs: -1n }, 'write .pcapng'],
    ['a time that pcap cannot hold', 'late.pcap', { timeNs: 2n ** 32n * 1_000_000_000n }, 'write .pcapng'],
    ['a time that pcapng cannot hold', 'late.pcapng', { timeNs: 2n ** 64n }, 'shift the times'],
    ['a comment that no option holds', 'long.pcapng', { comment: 'x'.repeat(65536) }, 'shorten it'],
  ])('%s', (_, name, fields, mend) => {
    const path = join(folder, name);
    writeFileSync(path, 'before');
    expect(() => writeCapture(path, capture(frame(), frame(fields)))).toThrow(MalformedInput);
    expect(() => writeCapture(path, capture(frame(), frame(fields)))).toThrow(mend);
    expect(readFileSync(path, 'utf8')).toBe('before');
  });

  test('a folder that is not there, or a folder in place of the file, is one line and leaves nothing behind', () => {
    const missing = join(folder, 'missing', 'a.pcap');
    expect(() => writeCapture(missing, capture())).toThrow(MalformedInput);
    expect(() => writeCapture(missing, capture())).toThrow(
      /^[^\n]*missing\/a\.pcap: cannot be written \([^\n]*\); choose a folder that exists[^\n]*$/,
    );
    const taken = join(folder, 'taken.pcap');
    mkdirSync(taken);
    expect(() => writeCapture(taken, capture())).toThrow(MalformedInput);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that may not be written to (not as root, who may)', () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    expect(() => writeCapture(join(locked, 'a.pcap'), capture())).toThrow(MalformedInput);
  });
});

test.each([
  ['of an unknown interface', { interface: 1 }],
  ['with more bytes than there were', { originalLength: 2 }],
])('a frame %s is our own fault', (_, fields) => {
  expect(() => writeCapture(join(folder, 'fault.pcapng'), capture(frame(fields)))).toThrow(InternalFault);
});
