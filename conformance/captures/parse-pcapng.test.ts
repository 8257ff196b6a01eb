import { describe, expect, test } from 'vitest';
import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { parseCapture } from './read-capture.ts';

// Blocks put together from draft-ietf-opsawg-pcapng, sections 3 and 4, in either byte order.
class Blocks {
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  number(value: number | bigint, length: number): number[] {
    const bytes = Array.from({ length }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 0xffn));
    return this.#little ? bytes : bytes.reverse();
  }

  option(code: number, value: readonly number[]): number[] {
    return [...this.number(code, 2), ...this.number(value.length, 2), ...pad(value)];
  }

  block(type: number, body: readonly number[]): number[] {
    const length = this.number(body.length + 12, 4);
    return [...this.number(type, 4), ...length, ...body, ...length];
  }

  section(...options: number[][]): number[] {
    return this.block(
      0x0a0d0d0a,
      [this.number(0x1a2b3c4d, 4), this.number(1, 2), this.number(0, 2), this.number(-1, 8), ...options].flat(),
    );
  }

  interface(snaplen: number, ...options: number[][]): number[] {
    return this.block(1, [this.number(1, 2), this.number(0, 2), this.number(snaplen, 4), ...options].flat());
  }

  /** Time as 64 bits: the high half first, each half in the section's byte order. */
  packet(
    port: number,
    ticks: bigint,
    bytes: readonly number[],
    originalLength: number,
    ...options: number[][]
  ): number[] {
    const time = [...this.number(ticks >> 32n, 4), ...this.number(ticks & 0xffffffffn, 4)];
    const body = [
      this.number(port, 4),
      time,
      this.number(bytes.length, 4),
      this.number(originalLength, 4),
      pad(bytes),
      ...options,
    ];
    return this.block(6, body.flat());
  }

  simplePacket(originalLength: number, bytes: readonly number[]): number[] {
    return this.block(3, [...this.number(originalLength, 4), ...pad(bytes)]);
  }
}

const pad = (bytes: readonly number[]): number[] => [
  ...bytes,
  ...Array.from({ length: (4 - (bytes.length % 4)) % 4 }, () => 0),
];
const text = (value: string): number[] => [...new TextEncoder().encode(value)];
const read = (...blocks: number[][]) => parseCapture(Uint8Array.from(blocks.flat()), 'x.pcapng');
const END = [0, 0, 0, 0];
const le = new Blocks(true);
const be = new Blocks(false);

describe.each([
  ['little-endian', le],
  ['big-endian', be],
])('%s', (_, b) => {
  test('section, interface and packet with their options', () => {
    const capture = read(
      b.section(
        b.option(2, text('board')),
        b.option(3, text('Linux')),
        b.option(4, text('dumpcap')),
        b.option(1, text('why')),
        END,
      ),
      b.interface(96, b.option(2, text('eth0')), b.option(9, [9]), END),
      b.packet(
        0,
        1_700_000_000_123_456_789n,
        [1, 2, 3],
        60,
        b.option(2, b.number(2, 4)),
        b.option(1, text('über')),
        END,
      ),
    );
    expect(capture).toEqual({
      hardware: 'board',
      operatingSystem: 'Linux',
      application: 'dumpcap',
      comment: 'why',
      interfaces: [{ name: 'eth0', snaplen: 96 }],
      frames: [
        {
          timeNs: 1_700_000_000_123_456_789n,
          interface: 0,
          direction: 'out',
          bytes: Uint8Array.of(1, 2, 3),
          originalLength: 60,
          comment: 'über',
        },
      ],
    });
  });

  test.each([
    ['left out: microseconds', [], 5n, 5_000n],
    ['10^-3', [b.option(9, [3])], 5n, 5_000_000n],
    ['10^-12, cut to nanoseconds', [b.option(9, [12])], 5_999n, 5n],
    ['2^-10', [b.option(9, [0x8a])], 1536n, 1_500_000_000n],
    ['an offset in seconds, which may be negative', [b.option(14, b.number(-1, 8))], 3_000_000n, 2_000_000_000n],
  ])('if_tsresol and if_tsoffset: %s', (_, options, ticks, timeNs) => {
    expect(read(b.section(), b.interface(0, ...options), b.packet(0, ticks, [], 0)).frames[0]?.timeNs).toBe(timeNs);
  });

  test.each([
    [0, undefined],
    [1, 'in'],
    [2, 'out'],
    [3, undefined],
  ])('epb_flags %i is direction %s', (flags, direction) => {
    expect(
      read(b.section(), b.interface(0), b.packet(0, 0n, [], 0, b.option(2, b.number(flags, 4)))).frames[0]?.direction,
    ).toBe(direction);
  });

  test('a simple packet keeps no more than the snaplen of the first interface, and takes the time of the frame before', () => {
    const { frames } = read(
      b.section(),
      b.interface(2),
      b.packet(0, 7n, [9], 9),
      b.simplePacket(60, [1, 2]),
      b.simplePacket(1, [3]),
    );
    expect(frames.map(({ timeNs, bytes, originalLength }) => [timeNs, [...bytes], originalLength])).toEqual([
      [7_000n, [9], 9],
      [7_000n, [1, 2], 60],
      [7_000n, [3], 1],
    ]);
  });

  test('an obsolete packet block holds a frame too', () => {
    const body = [
      b.number(0, 2),
      b.number(3, 2),
      b.number(0, 4),
      b.number(8, 4),
      b.number(1, 4),
      b.number(1, 4),
      pad([5]),
    ].flat();
    expect(read(b.section(), b.interface(0), b.block(2, body)).frames).toMatchObject([
      { timeNs: 8_000n, bytes: Uint8Array.of(5) },
    ]);
  });

  test('several comments on one frame are lines of one', () => {
    const options = [b.option(1, text('one')), b.option(1, text('two'))];
    expect(read(b.section(), b.interface(0), b.packet(0, 0n, [], 0, ...options)).frames[0]?.comment).toBe('one\ntwo');
  });

  test('blocks of an unknown kind are skipped', () => {
    expect(
      read(b.section(), b.block(0x80000bad, [1, 2, 3, 4]), b.interface(0), b.block(5, []), b.packet(0, 1n, [1], 1))
        .frames,
    ).toHaveLength(1);
  });
});

test('each section has its own byte order and interfaces', () => {
  const { interfaces, frames } = read(
    le.section(le.option(1, text('first'))),
    le.interface(0, le.option(2, text('a'))),
    le.packet(0, 1n, [1], 1),
    be.section(be.option(1, text('second'))),
    be.interface(0, be.option(2, text('b')), be.option(9, [9])),
    be.interface(0, be.option(2, text('c'))),
    be.packet(0, 1n, [2], 1),
    be.packet(1, 1n, [3], 1),
  );
  expect(interfaces.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(frames.map((frame) => [frame.interface, frame.timeNs])).toEqual([
    [0, 1_000n],
    [1, 1n],
    [2, 1_000n],
  ]);
});

describe('what is wrong is told by byte offset and frame', () => {
  const start = [...le.section(), ...le.interface(4)]; // 28 + 20 bytes
  const patched = (block: number[], at: number, value: number[]): number[] =>
    block.toSpliced(at, value.length, ...value);
  const packet = le.packet(0, 0n, [1, 2, 3], 3);

  test.each([
    ['no section header', [...le.interface(0)], 'byte 0: neither pcap nor pcapng'],
    [
      'a block cut short',
      [...start, ...packet.slice(0, 20)],
      'byte 48, frame 1: the block has 36 bytes or more, the file ends after 20',
    ],
    [
      'a block header cut short',
      [...start, 6, 0, 0],
      'byte 48, frame 1: a block has 12 bytes or more, the file ends after 3',
    ],
    [
      'a length that is no multiple of four',
      [...start, ...patched(packet, 4, [37])],
      'byte 52, frame 1: a block of 37 bytes',
    ],
    ['a length below the smallest', [...start, ...patched(packet, 4, [8])], 'byte 52, frame 1: a block of 8 bytes'],
    [
      'two lengths that differ',
      [...start, ...patched(packet, 32, [40])],
      "byte 80, frame 1: the block's length is 36 before it and 40 after it",
    ],
    [
      'a frame that leaves its block',
      [...start, ...patched(packet, 20, [5, 0, 0, 0, 5])],
      'byte 68, frame 1: the frame has 5 bytes',
    ],
    [
      'a frame above the snaplen',
      [...start, ...le.packet(0, 0n, [1, 2, 3, 4, 5], 5)],
      'byte 68, frame 1: the frame has 5 bytes, the snaplen is 4; copy or capture the file again, or keep what is whole with: editcap -s 4 x.pcapng',
    ],
    [
      'more bytes kept than there were',
      [...start, ...le.packet(0, 0n, [1, 2, 3], 2)],
      'byte 68, frame 1: 3 bytes are kept of a frame of 2',
    ],
    [
      'an interface that is not there',
      [...start, ...packet, ...le.packet(1, 0n, [], 0)],
      'byte 92, frame 2: the frame is of interface 1, the section has 1',
    ],
    [
      'a simple packet without interface',
      [...le.section(), ...le.simplePacket(1, [1])],
      'byte 36, frame 1: the frame is of interface 0, the section has 0',
    ],
    [
      'an option that leaves its block',
      [...start, ...le.packet(0, 0n, [], 0, [1, 0, 9, 0])],
      'byte 78, frame 1: an option of 9 bytes, its block ends after 0',
    ],
    [
      'an if_tsresol of two bytes',
      [...le.section(), ...le.interface(0, le.option(9, [9, 9]))],
      'byte 46, frame 1: an option of 2 bytes, this one has 1',
    ],
    ['a section without magic', patched(le.section(), 8, [0]), 'byte 8, frame 1: the section has no byte-order magic'],
    [
      'an interface too short',
      [...le.section(), ...le.block(1, [1, 0, 0, 0])],
      'byte 36, frame 1: an interface needs 8 bytes, its block has 4',
    ],
  ])('%s', (_, blocks, message) => {
    expect(() => read(blocks)).toThrow(MalformedInput);
    expect(() => read(blocks)).toThrow(`x.pcapng: ${message}`);
  });

  test.each([
    [
      'Linux cooked (113)',
      [...le.section(), ...patched(le.interface(0), 8, [113])],
      'byte 36: link type 113 is not Ethernet (1)',
    ],
    [
      'a check sequence of 4 bytes',
      [...le.section(), ...le.interface(0, le.option(13, [4]))],
      'the frames end with a check sequence of 4 bytes',
    ],
    [
      'a check sequence of one frame',
      [...start, ...le.packet(0, 0n, [], 0, le.option(2, le.number(4 << 5, 4)))],
      'the frames end with a check sequence of 4 bytes',
    ],
    ['version 2', patched(le.section(), 12, [2]), 'byte 12: pcapng version 2'],
  ])('not supported: %s', (_, blocks, message) => {
    expect(() => read(blocks)).toThrow(UnsupportedFeature);
    expect(() => read(blocks)).toThrow(message);
  });
});
