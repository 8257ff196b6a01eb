import { expect, test } from 'vitest';
import { suite } from './index.ts';
import { LEFT_OUT, rowsOf, WANTED_CASES } from './wanted-cases.ts';

const asked = new Set(suite.flatMap(({ source }) => rowsOf(source)));

test('every wanted case is asked for, or is left out with a reason', () => {
  expect(WANTED_CASES.filter((id) => !asked.has(id) && LEFT_OUT[id] === undefined)).toEqual([]);
});

test('what is left out is wanted, and asked for by no case', () => {
  expect(Object.keys(LEFT_OUT).filter((id) => asked.has(id) || !WANTED_CASES.includes(id))).toEqual([]);
});

test('no case names a row that the list does not have', () => {
  expect([...asked].filter((id) => !WANTED_CASES.includes(id))).toEqual([]);
});
