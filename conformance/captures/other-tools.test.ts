import { test } from '@fast-check/vitest';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pcapParser, { type Packet } from 'pcap-parser';
import { afterAll, describe, expect } from 'vitest';
import { arbitraryCapture, arbitraryClassicCapture } from './arbitrary-capture.ts';
import type { Capture, CapturedFrame } from './capture.ts';
import { readCapture } from './read-capture.ts';
import { writeCapture } from './write-capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'captures-tools-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Frames that every tool takes for Ethernet; what is in them does not matter here. */
const frames = (length: number): CapturedFrame[] =>
  Array.from({ length }, (_, index) => ({
    timeNs: 1_700_000_000_000_000_000n + BigInt(index) * 1_000_001n * 1000n,
    interface: index % 2,
    direction: index % 2 === 0 ? 'in' : 'out',
    bytes: Uint8Array.from({ length: 14 + 7 * index }, (_, at) => (index * 31 + at) & 0xff),
    originalLength: 14 + 7 * index + (index % 3),
    comment: index % 4 === 0 ? `step ${index}` : undefined,
  }));
const ports = [
  { name: 'client', snaplen: 262144 },
  { name: 'server', snaplen: 262144 },
];
const classic = (capture: Capture): Capture => ({
  interfaces: [{ name: '', snaplen: 262144 }],
  frames: capture.frames.map((frame) => ({ ...frame, interface: 0, direction: undefined, comment: undefined })),
});
const capture: Capture = {
  interfaces: ports,
  frames: frames(20),
  comment: 'nat/forward',
  hardware: 'kernel-6.1',
  application: 'lvs-conformance',
};
const nanoseconds: Capture = {
  ...capture,
  frames: capture.frames.map((frame, index) => ({ ...frame, timeNs: frame.timeNs + BigInt(index) })),
};

/** Runs a tool; null where it is not installed. */
function run(tool: string, ...args: readonly string[]): string | null {
  try {
    return execFileSync(tool, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Says in the name why a group is skipped. */
const missing = (tool: string): string =>
  run(tool, '--version') === null ? ` (skipped: ${tool} is not installed)` : '';
const noTcpdump = missing('tcpdump');
const noTshark = missing('tshark');
const noEditcap = missing('editcap');

describe.skipIf(noTcpdump !== '')(`tcpdump${noTcpdump}`, () => {
  const seen = (path: string): string[] =>
    (run('tcpdump', '-n', '-tt', '--time-stamp-precision=nano', '-xx', '-r', path) ?? '')
      .split(/\n(?=\d)/)
      .map((packet) => {
        const [, seconds, fraction] = /^(\d+)\.(\d+) /.exec(packet) ?? [];
        const data = [...packet.matchAll(/^\t0x[0-9a-f]+: {2}([0-9a-f ]+)$/gm)]
          .map(([, words]) => words ?? '')
          .join('');
        return `${seconds ?? ''}${fraction ?? ''} ${data.replaceAll(' ', '')}`;
      });

  test.each([
    ['ours.pcapng', nanoseconds],
    ['ours-us.pcap', classic(capture)],
    ['ours-ns.pcap', classic(nanoseconds)],
  ])('reads the times and bytes of %s', (name, given) => {
    const path = join(folder, name);
    writeCapture(path, given);
    expect(seen(path)).toEqual(
      given.frames.map(({ timeNs, bytes }) => `${timeNs} ${Buffer.from(bytes).toString('hex')}`),
    );
  });

  test.each([['micro'], ['nano']])('what it writes with --time-stamp-precision=%s is read the same', (precision) => {
    const [from, to] = [join(folder, `from-${precision}.pcap`), join(folder, `to-${precision}.pcap`)];
    const given = classic(precision === 'nano' ? nanoseconds : capture);
    writeCapture(from, given);
    run('tcpdump', `--time-stamp-precision=${precision}`, '-r', from, '-w', to);
    expect(readCapture(to)).toEqual(given);
  });
});

describe.skipIf(noTshark !== '')(`tshark${noTshark}`, () => {
  test('shows names, directions, comments and times of our pcapng', () => {
    const path = join(folder, 'tshark.pcapng');
    writeCapture(path, nanoseconds);
    const fields = [
      'frame.time_epoch',
      'frame.interface_name',
      'frame.packet_flags_direction',
      'frame.comment',
      'frame.len',
      'frame.cap_len',
    ];
    const rows = run(
      'tshark',
      '-r',
      path,
      '-T',
      'fields',
      '-E',
      'separator=|',
      ...fields.flatMap((field) => ['-e', field]),
    );
    const expected = nanoseconds.frames.map(({ timeNs, direction, interface: port, comment, bytes, originalLength }) =>
      [
        `${timeNs / 1_000_000_000n}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}`,
        ports[port]?.name,
        direction === 'in' ? '0x00000001' : '0x00000002',
        comment ?? '',
        originalLength,
        bytes.length,
      ].join('|'),
    );
    expect(rows?.trimEnd().split('\n')).toEqual(expected);
  });
});

describe.skipIf(noEditcap !== '')(`editcap${noEditcap}`, () => {
  test.each([
    ['pcap', classic(capture)],
    ['nsecpcap', classic(nanoseconds)],
    ['pcapng', nanoseconds],
  ])('what it rewrites as %s is read the same', (format, given) => {
    const [from, to] = [join(folder, `editcap-${format}.pcapng`), join(folder, `editcap-${format}.out`)];
    writeCapture(from, given);
    run('editcap', '-F', format, from, to);
    expect(readCapture(to).frames).toEqual(given.frames);
  });

  test.prop([arbitraryCapture], { numRuns: 15 })('takes any pcapng of ours, and gives back the frames', (given) => {
    const [from, to] = [join(folder, 'any.pcapng'), join(folder, 'any.out')];
    writeCapture(from, given);
    run('editcap', '-F', 'pcapng', from, to);
    expect(readCapture(to).frames.map(({ bytes }) => bytes)).toEqual(given.frames.map(({ bytes }) => bytes));
  });
});

describe('pcap-parser (npm)', () => {
  const read = (path: string): Promise<Packet[]> =>
    new Promise((resolve, reject) => {
      const packets: Packet[] = [];
      pcapParser
        .parse(path)
        .on('packet', (packet) => packets.push(packet))
        .on('end', () => resolve(packets))
        .on('error', reject);
    });

  test.prop([arbitraryClassicCapture.filter(({ frames }) => frames.every(({ timeNs }) => timeNs % 1000n === 0n))], {
    numRuns: 30,
  })('reads our microsecond files as we do', async (given) => {
    const path = join(folder, 'parser.pcap');
    writeCapture(path, given);
    const packets = await read(path);
    expect(
      packets.map(({ header, data }) => ({
        timeNs: BigInt(header.timestampSeconds) * 1_000_000_000n + BigInt(header.timestampMicroseconds) * 1000n,
        bytes: new Uint8Array(data),
        originalLength: header.originalLength,
      })),
    ).toEqual(given.frames.map(({ timeNs, bytes, originalLength }) => ({ timeNs, bytes, originalLength })));
  });
});
