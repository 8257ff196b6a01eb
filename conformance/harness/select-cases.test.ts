import { describe, expect, test } from 'vitest';
import type { Case } from './case.ts';
import { selectCases } from './select-cases.ts';
import { suiteOf } from './suite-of.ts';

function caseOf(id: string, changes: Partial<Case> = {}): Case {
  return {
    id,
    title: '',
    requirement: '',
    source: [],
    level: 'core',
    tags: [],
    needs: [],
    rules: '',
    script: () => Promise.resolve(),
    ...changes,
  };
}

const suite = [
  caseOf('nat/request', { tags: ['nat', 'header'] }),
  caseOf('nat/response', { tags: ['nat'], level: 'ipvs' }),
  caseOf('tunnel/request', { tags: ['header'] }),
];

const ids = (cases: readonly Case[]) => cases.map(({ id }) => id);

describe('selection', () => {
  test('nothing given selects all, in order', () => {
    expect(ids(selectCases(suite, {}))).toEqual(['nat/request', 'nat/response', 'tunnel/request']);
  });

  test.for([
    ['nat/*', ['nat/request', 'nat/response']],
    ['*/request', ['nat/request', 'tunnel/request']],
    ['nat/re?uest', ['nat/request']],
    ['tunnel/request', ['tunnel/request']],
  ] as const)('%s selects %s', ([glob, expected]) => {
    expect(ids(selectCases(suite, { globs: [glob] }))).toEqual(expected);
  });

  test('several globs and several tags each widen, the kinds narrow each other', () => {
    expect(ids(selectCases(suite, { globs: ['nat/response', 'tunnel/*'] }))).toEqual([
      'nat/response',
      'tunnel/request',
    ]);
    expect(ids(selectCases(suite, { globs: ['nat/*'], tags: ['header'] }))).toEqual(['nat/request']);
    expect(ids(selectCases(suite, { level: 'ipvs' }))).toEqual(['nat/response']);
  });

  test('a glob that fits nothing is refused and the nearest ids named, also beside one that fits', () => {
    expect(() => selectCases(suite, { globs: ['nat/*', 'nat/reqest'] })).toThrow(
      "no case fits 'nat/reqest'; near it: nat/request, nat/response, tunnel/request",
    );
  });

  test('an unknown tag is refused and the nearest named', () => {
    expect(() => selectCases(suite, { tags: ['heder'] })).toThrow("no tag fits 'heder'; near it: header, nat");
  });

  test('what leaves no case is refused', () => {
    expect(() => selectCases(suite, { globs: ['tunnel/*'], level: 'ipvs' })).toThrow('no case fits all');
  });

  test('characters of regular expressions mean themselves', () => {
    expect(() => selectCases(suite, { globs: ['nat.request'] })).toThrow("no case fits 'nat.request'");
  });
});

describe('a suite', () => {
  test('is sorted by id', () => {
    expect(ids(suiteOf([caseOf('b/x'), caseOf('a/y')], [caseOf('a/x')]))).toEqual(['a/x', 'a/y', 'b/x']);
  });

  test('has no id twice', () => {
    expect(() => suiteOf([caseOf('a/x')], [caseOf('b/x'), caseOf('a/x')])).toThrow("two cases have the id 'a/x'");
  });

  test.for(['request', 'a/b/c', 'A/b', 'a/b c', '../x/y', 'a/'])(
    "refuses the id '%s', which could not be a file's name everywhere",
    (id) => {
      expect(() => suiteOf([caseOf(id)])).toThrow(`'${id}'`);
    },
  );
});
