import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Run } from '../conformance/harness/run.ts';
import { MalformedInput } from '../reference/errors.ts';
import {
  compareRuns,
  newlyFailing,
  type CaptureDifference,
  type CompareCaptures,
  type Comparison,
} from './compare-runs.ts';
import { anyRun } from './testing/runs.ts';
import { runOf, type Outcome } from './testing/verdicts.ts';

const withTargets = anyRun.filter(({ targets }) => targets.length > 0);
const same: CompareCaptures = () => null;
const difference: CaptureDifference = { frame: 0, left: 0, right: 0, expected: '1', observed: '2', direction: 'out' };

function compare(a: Run, b: Run, captures = same): Comparison {
  return compareRuns({ name: 'before', run: a }, { name: 'after', run: b }, captures);
}

/** What becomes of one case with these two outcomes. */
function kindOf(a: Outcome, b: Outcome, captures = same): string | undefined {
  const comparison = compare(runOf({ kernel: { 'nat/x': a } }), runOf({ kernel: { 'nat/x': b } }), captures);
  return comparison.targets[0]?.changes[0]?.kind;
}

describe('a change of verdict', () => {
  test.each<readonly [Outcome, Outcome, string]>([
    ['pass', 'fail', 'newly-failing'],
    ['deviates', 'fail', 'newly-failing'],
    ['unsupported', 'fail', 'newly-failing'],
    ['pass', 'error', 'newly-failing'],
    ['error', 'fail', 'newly-failing'],
    ['fail', 'error', 'other-verdict'],
    ['fail', 'pass', 'newly-passing'],
    ['error', 'pass', 'newly-passing'],
    ['deviates', 'pass', 'newly-passing'],
    ['unsupported', 'pass', 'newly-passing'],
    ['pass', 'deviates', 'newly-deviating'],
    ['fail', 'deviates', 'newly-deviating'],
    ['pass', 'unsupported', 'other-verdict'],
    ['fail', 'unsupported', 'other-verdict'],
  ])('from %s to %s is %s', (a, b, kind) => {
    expect(kindOf(a, b)).toBe(kind);
  });

  test('a deviation more is newly deviating, one less is another change', () => {
    const [one, two]: Outcome[] = [['late'], ['late', 'ttl']].map((deviations) => ({
      verdict: 'deviates',
      deviations,
    }));
    expect(kindOf(one ?? 'error', two ?? 'error')).toBe('newly-deviating');
    expect(kindOf(two ?? 'error', one ?? 'error')).toBe('other-verdict');
  });
});

describe('with the same verdict', () => {
  test('other frames are a changed capture, and another reason is told where the frames are the same', () => {
    const [a, b] = [
      { verdict: 'fail', reason: 'one' },
      { verdict: 'fail', reason: 'two' },
    ] as const;
    expect(kindOf(a, b, () => difference)).toBe('capture-changed');
    expect(kindOf(a, b)).toBe('reason-changed');
    expect(kindOf(a, a)).toBe(undefined);
  });

  test('captures that cannot be compared are said, and are no change', () => {
    const run = runOf({ kernel: { 'nat/x': 'pass' } });
    const [target] = compare(run, run, () => 'is not there').targets;
    expect(target).toMatchObject({ changes: [], notCompared: [{ case: 'nat/x', reason: 'is not there' }] });
  });

  test('frames of a case that did not run, or not well, are not compared', () => {
    expect(kindOf('unsupported', 'unsupported', () => difference)).toBe(undefined);
    expect(kindOf('error', 'error', () => difference)).toBe(undefined);
  });
});

describe('targets', () => {
  const kernels = [
    runOf({ reference: { 'nat/x': 'pass' }, 'kernel-6.1': { 'nat/x': 'pass' } }),
    runOf({ 'kernel-6.12': { 'nat/x': 'fail' }, reference: { 'nat/x': 'pass' } }),
  ] as const;
  const pairs = ({ targets }: Comparison): unknown => targets.map(({ a, b }) => [a.id, b.id]);

  test('of the same id are compared, then the two that are left over', () => {
    const comparison = compare(...kernels);
    expect(pairs(comparison)).toEqual([
      ['reference', 'reference'],
      ['kernel-6.1', 'kernel-6.12'],
    ]);
    expect(newlyFailing(comparison)).toBe(1);
  });

  test('of which more are left over are compared with nothing', () => {
    const comparison = compare(kernels[0], runOf({ reference: {}, x: {}, y: {} }));
    expect(pairs(comparison)).toEqual([['reference', 'reference']]);
    expect(comparison.onlyInA.map(({ id }) => id)).toEqual(['kernel-6.1']);
    expect(comparison.onlyInB.map(({ id }) => id)).toEqual(['x', 'y']);
  });

  test('that have no counterpart at all are bad input', () => {
    const attempt = (): unknown => compare(kernels[0], runOf({ x: {}, y: {} }));
    expect(attempt).toThrow(MalformedInput);
    expect(attempt).toThrow("before has 'reference', 'kernel-6.1' and after has 'x', 'y': no target to compare");
  });
});

test('verdicts are counted over the cases that both runs have', () => {
  const a = runOf({ kernel: { 'nat/x': 'pass', 'nat/y': 'pass', 'nat/gone': 'fail' } });
  const b = runOf({ kernel: { 'nat/new': 'fail', 'nat/x': 'pass', 'nat/y': 'error' } });
  const comparison = compare(a, b);
  expect(comparison.targets[0]).toMatchObject({
    casesInBoth: 2,
    counts: { a: { pass: 2, fail: 0, error: 0 }, b: { pass: 1, fail: 0, error: 1 } },
    changes: [
      { kind: 'newly-failing', case: { id: 'nat/y' } },
      { kind: 'only-in-a', case: { id: 'nat/gone' }, b: null },
      { kind: 'only-in-b', case: { id: 'nat/new' }, a: null },
    ],
  });
  expect(newlyFailing(comparison)).toBe(1);
});

test.prop([withTargets])('a run compared with itself has no changes', (run) => {
  const comparison = compare(run, run);
  expect(comparison.targets.map(({ changes }) => changes)).toEqual(run.targets.map(() => []));
  expect([comparison.onlyInA, comparison.onlyInB]).toEqual([[], []]);
});

test.prop([withTargets, withTargets])(
  'no case is told twice, and what only A has is what only B has the other way round',
  (a, b) => {
    const [there, back] = [compare(a, b), compare(b, a)];
    const ids = ({ targets }: Comparison, kind?: string): string[][] =>
      targets.map(({ changes }) =>
        changes.filter((change) => kind === undefined || change.kind === kind).map((change) => change.case.id),
      );
    for (const ofTarget of ids(there)) expect(new Set(ofTarget).size).toBe(ofTarget.length);
    expect(ids(there, 'only-in-a')).toEqual(ids(back, 'only-in-b'));
    expect(there.targets.map(({ casesInBoth }) => casesInBoth)).toEqual(
      back.targets.map(({ casesInBoth }) => casesInBoth),
    );
  },
);
