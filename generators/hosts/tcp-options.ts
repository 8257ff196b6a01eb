import { fromHex } from '../../reference/wire/hex.ts';

/** Kinds of TCP options (RFC 9293 §3.2). */
const END = 0;
const NO_OPERATION = 1;
const LARGEST_SEGMENT = 2;
const LARGEST_SEGMENT_LENGTH = 4;

/** The option that tells the other end how much data a segment may carry, in hexadecimal. */
export function largestSegmentOption(size: number): string {
  return `0204${size.toString(16).padStart(4, '0')}`;
}

/** The size in a segment's options (hexadecimal), or undefined where none is stated. */
export function largestSegmentOf(options: string): number | undefined {
  const bytes = fromHex(options, 'tcp.options');
  for (let at = 0; at < bytes.length;) {
    const [kind = END, length = 0, high, low] = bytes.subarray(at, at + LARGEST_SEGMENT_LENGTH);
    if (kind === END) return undefined;
    if (kind === LARGEST_SEGMENT && length === LARGEST_SEGMENT_LENGTH && high !== undefined && low !== undefined) {
      return high * 256 + low;
    }
    // A length below two would never end.
    at += kind === NO_OPERATION ? 1 : Math.max(length, 2);
  }
  return undefined;
}
