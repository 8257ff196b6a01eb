import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { pairFrames, type Pair } from './pair-frames.ts';

const pair = (left: string, right: string): string =>
  pairFrames(Array.from(left), Array.from(right), (a, b) => a === b)
    .map(([a, b]) => `${a ?? '-'}${b ?? '-'}`)
    .join(' ');

describe('pairs in order', () => {
  test.each([
    ['the same', 'abc', 'abc', 'aa bb cc'],
    ['one changed', 'abc', 'axc', 'aa bx cc'],
    ['one missing on the right', 'abcd', 'acd', 'aa b- cc dd'],
    ['one missing on the left', 'acd', 'abcd', 'aa -b cc dd'],
    ['one of two equal ones missing', 'aabc', 'abc', 'aa a- bb cc'],
    ['missing at the end', 'abc', 'a', 'aa b- c-'],
    ['nothing in common', 'ab', 'xyz', 'ax by -z'],
    ['nothing on the left', '', 'xy', '-x -y'],
    ['changed, then missing', 'abcdef', 'axcdf', 'aa bx cc dd e- ff'],
  ])('%s', (_, left, right, expected) => {
    expect(pair(left, right)).toBe(expected);
  });
});

const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 100 });

test.prop([letters, letters])('every item is in one pair, in order', (left, right) => {
  const pairs: Pair<string>[] = pairFrames(left, right, (a, b) => a === b);
  expect(pairs.flatMap(([a]) => a ?? [])).toEqual(left);
  expect(pairs.flatMap(([, b]) => b ?? [])).toEqual(right);
});

test.prop([letters, fc.nat(), fc.nat(20)])(
  'a run of items missing on one side is found as exactly that many',
  (items, place, count) => {
    const numbered = items.map((letter, index) => `${letter}${index}`);
    const at = place % (numbered.length + 1);
    const pairs = pairFrames(numbered, numbered.toSpliced(at, count), (a, b) => a === b);
    expect(pairs.filter(([a, b]) => a !== b).map(([a, b]) => [a, b])).toEqual(
      numbered.slice(at, at + count).map((item) => [item, null]),
    );
  },
);

test('a hundred thousand items with nothing in common are paired in linear time', () => {
  const length = 100_000;
  let looked = 0;
  pairFrames(
    Array.from({ length }, (_, i) => i),
    Array.from({ length }, (_, i) => -1 - i),
    (a, b) => {
      looked += 1;
      return a === b;
    },
  );
  expect(looked).toBeLessThan(length * 100);
});
