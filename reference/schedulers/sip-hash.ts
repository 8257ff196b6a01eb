/** The two 64-bit words of a key, each as its upper and lower 32 bits. */
export interface SipKey {
  readonly first: Word;
  readonly second: Word;
}

interface Word {
  readonly high: number;
  readonly low: number;
}

/** The message's length, 4 bytes, in the last word's uppermost byte. */
const LENGTH = 4 << 24;

/**
 * SipHash-1-3 of four bytes, the lowest of `value` first, and of its 64 bits the lower 32: what `hsiphash_1u32` is on a
 * 64-bit machine (kernel `lib/siphash.c`; Aumasson and Bernstein, "SipHash: a fast short-input PRF"). It runs for every
 * new connection of mh, so 64-bit words are pairs of numbers, not BigInts.
 *
 * @param value uint32
 * @returns uint32
 */
export function sipHash13(value: number, { first, second }: SipKey): number {
  // "somepseudorandomlygeneratedbytes"
  let h0 = first.high ^ 0x736f_6d65;
  let l0 = first.low ^ 0x7073_6575;
  let h1 = second.high ^ 0x646f_7261;
  let l1 = second.low ^ 0x6e64_6f6d;
  let h2 = first.high ^ 0x6c79_6765;
  let l2 = first.low ^ 0x6e65_7261;
  let h3 = second.high ^ 0x7465_6462 ^ LENGTH;
  let l3 = second.low ^ 0x7974_6573 ^ value;
  let h: number;
  let l: number;
  for (let round = 0; round < 4; round++) {
    if (round === 1) {
      // The message is in: finalise with three more rounds.
      h0 ^= LENGTH;
      l0 ^= value;
      l2 ^= 0xff;
    }
    // v0 += v1; v1 = rotl(v1, 13) ^ v0; v0 = rotl(v0, 32)
    h0 = (h0 + h1 + carry(l0, l1)) | 0;
    l0 = (l0 + l1) | 0;
    h = (h1 << 13) | (l1 >>> 19);
    l = (l1 << 13) | (h1 >>> 19);
    h1 = h ^ h0;
    l1 = l ^ l0;
    h = h0;
    h0 = l0;
    l0 = h;
    // v2 += v3; v3 = rotl(v3, 16) ^ v2
    h2 = (h2 + h3 + carry(l2, l3)) | 0;
    l2 = (l2 + l3) | 0;
    h = (h3 << 16) | (l3 >>> 16);
    l = (l3 << 16) | (h3 >>> 16);
    h3 = h ^ h2;
    l3 = l ^ l2;
    // v0 += v3; v3 = rotl(v3, 21) ^ v0
    h0 = (h0 + h3 + carry(l0, l3)) | 0;
    l0 = (l0 + l3) | 0;
    h = (h3 << 21) | (l3 >>> 11);
    l = (l3 << 21) | (h3 >>> 11);
    h3 = h ^ h0;
    l3 = l ^ l0;
    // v2 += v1; v1 = rotl(v1, 17) ^ v2; v2 = rotl(v2, 32)
    h2 = (h2 + h1 + carry(l2, l1)) | 0;
    l2 = (l2 + l1) | 0;
    h = (h1 << 17) | (l1 >>> 15);
    l = (l1 << 17) | (h1 >>> 15);
    h1 = h ^ h2;
    l1 = l ^ l2;
    h = h2;
    h2 = l2;
    l2 = h;
  }
  return (l0 ^ l1 ^ l2 ^ l3) >>> 0;
}

/** What the sum of two lower halves gives to the upper ones. */
function carry(a: number, b: number): 0 | 1 {
  return (a >>> 0) + (b >>> 0) > 0xffff_ffff ? 1 : 0;
}
