import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { Random } from './random.ts';

property.prop([fc.integer(), fc.integer({ min: 1, max: 2 ** 32 })])('numbers stay below the limit', (seed, limit) => {
  const random = new Random(seed);
  for (let times = 0; times < 100; times++) {
    const number = random.below(limit);
    expect(Number.isInteger(number) && number >= 0 && number < limit).toBe(true);
  }
});

test('the same seed gives the same numbers, another one others', () => {
  const numbers = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.below(1000));
  };
  expect(numbers(7)).toEqual(numbers(7));
  expect(numbers(7)).not.toEqual(numbers(8));
});

test('every number comes about as often as the others', () => {
  const random = new Random(1);
  const times = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw++) {
    const number = random.below(10);
    times[number] = (times[number] ?? 0) + 1;
  }
  for (const count of times) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
