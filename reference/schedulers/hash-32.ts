/** 2^32 / golden ratio (kernel `include/linux/hash.h`). */
const GOLDEN_RATIO_32 = 0x61c8_8647;

/** @returns the uppermost `bits` of the hash of a 32-bit number (kernel `include/linux/hash.h:hash_32`) */
export function hash32(value: number, bits: number): number {
  return Math.imul(value, GOLDEN_RATIO_32) >>> (32 - bits);
}
