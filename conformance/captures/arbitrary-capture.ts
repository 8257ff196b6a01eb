import { fc } from '@fast-check/vitest';
import type { Capture, CapturedFrame } from './capture.ts';

/** Any capture that a pcapng file can hold: up to three named ports, any bytes, any time. For tests. */
export const arbitraryCapture: fc.Arbitrary<Capture> = fc
  .record({
    interfaces: fc.array(fc.record({ name: text(), snaplen: fc.constantFrom(0, 300, 65535, 0xffffffff) }), {
      minLength: 1,
      maxLength: 3,
    }),
    comment: fc.option(text(), { nil: undefined }),
    hardware: fc.option(text(), { nil: undefined }),
    operatingSystem: fc.option(text(), { nil: undefined }),
    application: fc.option(text(), { nil: undefined }),
  })
  .chain((about) =>
    fc
      .array(arbitraryFrame(about.interfaces.length, { max: 0xffff_ffff_ffff_ffffn }), { maxLength: 20 })
      .map((frames) => ({ ...about, frames })),
  );

/**
 * Any capture that a classic pcap file can hold: one port without a name, no directions and comments, times up to
 * 2106.
 */
export const arbitraryClassicCapture: fc.Arbitrary<Capture> = fc
  .record({
    interfaces: fc.constantFrom([{ name: '', snaplen: 0 }], [{ name: '', snaplen: 262144 }]),
    frames: fc.array(arbitraryFrame(1, { max: 0xffff_ffffn * 1_000_000_000n + 999_999_999n }), { maxLength: 20 }),
    microseconds: fc.boolean(),
  })
  .map(({ interfaces, frames, microseconds }) => ({
    interfaces,
    frames: frames.map(({ timeNs, bytes, originalLength }) => ({
      timeNs: microseconds ? timeNs - (timeNs % 1000n) : timeNs,
      interface: 0,
      direction: undefined,
      bytes,
      originalLength,
      comment: undefined,
    })),
  }));

function arbitraryFrame(interfaces: number, time: { max: bigint }): fc.Arbitrary<CapturedFrame> {
  return fc
    .record({
      timeNs: fc.bigInt({ min: 0n, max: time.max }),
      interface: fc.nat(interfaces - 1),
      direction: fc.constantFrom('in' as const, 'out' as const, undefined),
      bytes: fc.uint8Array({ maxLength: 300 }),
      cut: fc.nat(2000),
      comment: fc.option(text(), { nil: undefined }),
    })
    .map(({ cut, ...frame }) => ({ ...frame, originalLength: frame.bytes.length + cut }));
}

/** Text as UTF-8 can hold it: no half surrogate pairs. */
function text(): fc.Arbitrary<string> {
  return fc.string({ unit: 'binary', maxLength: 40 });
}
