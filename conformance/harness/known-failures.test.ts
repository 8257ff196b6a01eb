import { describe, expect, test } from 'vitest';
import { parseKnownFailures, surprisesOf } from './known-failures.ts';
import type { Run, RunResult, Verdict } from './run.ts';

const FILE = `# what we know of

kernel-6.1  nat/*   https://example.org/issue/7
kernel-*    arp/x   flaky since   June
`;

function runOf(...results: readonly (readonly [target: string, id: string, verdict: Verdict])[]): Run {
  return {
    schema: 1,
    tool: { name: 'lvs-conformance', version: '0', command: '' },
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 0,
    targets: [],
    cases: [],
    results: results.map(([target, id, verdict]): RunResult => ({
      case: id,
      target,
      verdict,
      durationMs: 0,
      reason: '',
      deviations: [],
      capture: null,
      firstDifference: null,
    })),
  };
}

describe('the file of known failures', () => {
  const known = parseKnownFailures(FILE, 'known.txt');

  test('has a line for each, comments and blank lines left out', () => {
    expect(known).toEqual([
      { target: 'kernel-6.1', caseGlob: 'nat/*', reason: 'https://example.org/issue/7' },
      { target: 'kernel-*', caseGlob: 'arp/x', reason: 'flaky since June' },
    ]);
  });

  test('a line without a reason is refused with its number', () => {
    expect(() => parseKnownFailures('# one\nreference nat/x', 'known.txt')).toThrow(
      "known.txt:2: a known failure is 'target case-glob reason or link'",
    );
  });

  test('only failures that no line knows of are new', () => {
    const run = runOf(
      ['kernel-6.1', 'nat/a', 'fail'],
      ['kernel-6.12', 'nat/a', 'fail'],
      ['kernel-6.12', 'arp/x', 'fail'],
      ['kernel-6.1', 'udp/a', 'error'],
    );
    expect(surprisesOf(run, known).newFailures).toMatchObject([{ target: 'kernel-6.12', case: 'nat/a' }]);
  });

  test('a line is mended when its cases ran and none failed, not when none ran', () => {
    const run = runOf(
      ['kernel-6.1', 'nat/a', 'pass'],
      ['kernel-6.1', 'nat/b', 'deviates'],
      ['kernel-6.1', 'arp/x', 'unsupported'],
    );
    expect(surprisesOf(run, known).mended).toEqual([known[0]]);
    expect(surprisesOf(runOf(['kernel-6.1', 'nat/a', 'pass'], ['kernel-6.1', 'nat/b', 'fail']), known).mended).toEqual(
      [],
    );
  });
});
