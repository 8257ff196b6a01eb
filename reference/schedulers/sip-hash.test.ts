import { expect, test } from 'vitest';
import { MH_KEYS } from './mh.ts';
import { sipHash13 } from './sip-hash.ts';

// Computed apart from this project, in Python with whole 64-bit numbers, from lib/siphash.c:hsiphash_1u32.
test.each([
  [0, 492468162, 4169286463],
  [1, 384591538, 2182130385],
  [2, 3152793668, 146985256],
  [2147483648, 911026097, 75823946],
  [4294967295, 583391001, 4149874525],
  [167772162, 1104141843, 3308758757],
  [167772163, 642604741, 717478005],
  [167772260, 3804630317, 2983644311],
  [2886992129, 2840891912, 606892094],
  [3232235777, 3555833043, 4187996631],
  [3232235787, 2458646824, 2413090824],
  [3232235788, 2386639977, 1805221180],
  [3405803853, 3597184897, 1990452428],
])('SipHash-1-3 of %i with the two keys of mh', (value, first, second) => {
  expect([sipHash13(value, MH_KEYS.offset), sipHash13(value, MH_KEYS.skip)]).toEqual([first, second]);
});
