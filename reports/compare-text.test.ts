import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { compareRuns, type Comparison } from './compare-runs.ts';
import { compareText } from './compare-text.ts';
import { anyRun } from './testing/runs.ts';
import { runOf } from './testing/verdicts.ts';

const before = runOf({
  'kernel-6.1': {
    'nat/a': 'pass',
    'nat/b': 'pass',
    'tunnel/c': 'pass',
    'tunnel/d': 'fail',
    'udp/e': 'pass',
    'udp/gone': 'pass',
  },
});
const after = runOf({
  'kernel-6.12': {
    'nat/a': { verdict: 'fail', reason: 'no answer\nat all' },
    'nat/b': { verdict: 'fail', reason: 'no answer' },
    'tunnel/c': { verdict: 'deviates', reason: 'late: a second late', deviations: ['late'] },
    'tunnel/d': 'pass',
    'udp/e': 'pass',
  },
});

function example(): Comparison {
  return compareRuns({ name: 'before', run: before }, { name: 'after', run: after }, (a) =>
    a.case === 'udp/e'
      ? {
          frame: 0,
          left: 2,
          right: 3,
          direction: 'out',
          layer: '1 ip',
          field: 'ttl',
          offset: 22,
          expected: '63',
          observed: '64',
        }
      : null,
  );
}

describe('compareText', () => {
  test('tells what changed by kind and area, what can be told of several cases once', () => {
    expect(compareText(example(), null)).toBe(`\
A  2026-01-02 03:04:05 UTC  lvs-conformance 0.1.0  before
B  2026-01-02 03:04:05 UTC  lvs-conformance 0.1.0  after

kernel-6.1 (1) → kernel-6.12 (1): 5 cases in both
  pass         4 → 2  −2
  deviates     0 → 1  +1
  fail         1 → 2  +1

  2 newly failing
    nat
      pass → fail  nat/a, nat/b
          no answer

  1 newly passing
    tunnel
      fail → pass  tunnel/d

  1 newly deviating
    tunnel
      pass → deviates  tunnel/c
          late: a second late

  1 capture changed, verdict the same
    udp
      pass  udp/e
          frame 3 of A and 4 of B, from the director, 1 ip.ttl, byte 22: A 63, B 64

  1 only in A
    udp
      pass  udp/gone
`);
  });

  test('says so where nothing changed', () => {
    const same = compareRuns({ name: 'a', run: before }, { name: 'b', run: before }, () => 'no captures');
    expect(compareText(same, null)).toMatch(
      /\nkernel-6\.1 \(1\): 6 cases in both\n {2}pass +5 → 5\n {2}fail +1 → 1\n {2}nothing changed\n\n {2}captures of 6 cases were not compared: no captures\n$/,
    );
  });

  test('leaves out what is too much of everything but new failures', () => {
    const many = (verdict: 'pass' | 'fail', other: 'pass' | 'fail') =>
      runOf({ kernel: Object.fromEntries([...Array(100).keys()].map((n) => [`nat/${n}`, n < 50 ? verdict : other])) });
    const text = compareText(
      compareRuns({ name: 'a', run: many('pass', 'fail') }, { name: 'b', run: many('fail', 'pass') }, () => null),
      null,
    );
    expect(text.match(/nat\/\d+/g)).toHaveLength(50 + 40);
    expect(text).toContain('  50 newly failing\n');
    expect(text).toContain('… and 10 more; --json has all\n');
  });

  test('fits a terminal, and lines go on below their beginning', () => {
    const lines = compareText(example(), 44).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(44);
    expect(lines).toContain('          frame 3 of A and 4 of B, from the');
    expect(lines).toContain('            director, 1 ip.ttl, byte 22: A');
  });

  const withTargets = anyRun.filter(({ targets }) => targets.length > 0);

  test.prop([withTargets, withTargets])('no text of a run moves the cursor or breaks a line', (a, b) => {
    const text = compareText(
      compareRuns({ name: 'a', run: a }, { name: 'b', run: b }, () => null),
      null,
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  });

  test.prop([withTargets, withTargets])('however narrow the terminal, no word is lost', (a, b) => {
    const comparison = compareRuns({ name: 'a', run: a }, { name: 'b', run: b }, () => null);
    const words = (text: string): string[] => text.split(/[ \n]+/).filter((word) => word !== '');
    expect(words(compareText(comparison, 1))).toEqual(words(compareText(comparison, null)));
  });
});
