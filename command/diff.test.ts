import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CapturedFrame } from '../conformance/captures/capture.ts';
import { writeCapture } from '../conformance/captures/write-capture.ts';
import { MalformedInput } from '../reference/errors.ts';
import { ethernet, ip, tcp } from '../reference/wire/layer.ts';
import { buildPacket } from '../reference/wire/packet.ts';
import { diff } from './diff.ts';

const folder = mkdtempSync(join(tmpdir(), 'diff-'));
afterAll(() => rmSync(folder, { recursive: true }));

const segment = (ttl: number, fields: Partial<CapturedFrame> = {}): CapturedFrame => {
  const bytes = buildPacket([
    ethernet(),
    ip({ source: '10.0.0.2', destination: '10.0.0.100', ttl, checksum: 0 }),
    tcp({ sourcePort: 40001, destinationPort: 80, flags: 'S' }),
  ]);
  return { timeNs: 0n, interface: 0, bytes, originalLength: bytes.length, ...fields };
};

const file = (name: string, frames: readonly CapturedFrame[], ports = ['a']): string => {
  const path = join(folder, name);
  writeCapture(path, { interfaces: ports.map((port) => ({ name: port, snaplen: 0 })), frames });
  return path;
};

const run = (a: string, b: string): { readonly status: number; readonly lines: string[] } => {
  const lines: string[] = [];
  const status = diff(a, b, (line) => lines.push(line.replaceAll(`${folder}/`, '')));
  return { status, lines };
};

describe('lvs-conformance diff', () => {
  test('the same frames at other times: status 0', () => {
    const a = file('a.pcap', [segment(1), segment(2)]);
    const b = file('b.pcap', [segment(1), segment(2, { timeNs: 1_000_000_007n })]);
    expect(run(a, b)).toEqual({
      status: 0,
      lines: ['2 frames compared: 0 differ, 0 only in a.pcap, 0 only in b.pcap'],
    });
  });

  test('every field of every frame that differs, and the frames that one file has not: status 1', () => {
    const a = file('a.pcap', [segment(1), segment(2), segment(3), segment(4)]);
    const b = file('b.pcap', [segment(1), segment(9), segment(4), segment(5)]);
    expect(run(a, b)).toEqual({
      status: 1,
      lines: [
        'frame 2 | 2: 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 2',
        '  1 ip.ttl @22: 2 | 9',
        'frame 3 | -: only in a.pcap: 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 3',
        'frame - | 4: only in b.pcap: 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 5',
        '5 frames compared: 1 differ, 1 only in a.pcap, 1 only in b.pcap',
      ],
    });
  });

  test('a pcap file, which knows neither interfaces nor directions, is compared with a pcapng file frame by frame', () => {
    const a = file(
      'a.pcapng',
      [segment(1, { direction: 'in' }), segment(2, { direction: 'out', interface: 1 })],
      ['client', 'server'],
    );
    const b = file('b.pcap', [segment(1), segment(2)]);
    expect(run(a, b)).toEqual({
      status: 0,
      lines: [
        '2 interfaces against 1: frames are paired in the order of the files',
        '2 frames compared: 0 differ, 0 only in a.pcapng, 0 only in b.pcap',
      ],
    });
  });

  test('a file that is not there is bad input', () => {
    const a = file('a.pcap', []);
    expect(() => run(a, join(folder, 'none.pcap'))).toThrow(MalformedInput);
  });
});
