import { test } from '@fast-check/vitest';
import { Parser, type Result } from 'tap-parser';
import { describe, expect } from 'vitest';
import { tap } from './tap.ts';
import { anyRun, runWith } from './testing/runs.ts';

interface Parsed {
  readonly ok: boolean;
  readonly version: number;
  readonly garbage: readonly string[];
  readonly bailout: boolean;
  readonly planErrors: number;
  readonly subtests: readonly {
    readonly name: string;
    readonly points: readonly Result[];
    readonly planErrors: number;
  }[];
}

function parse(text: string): Parsed {
  const garbage: string[] = [];
  const subtests: { name: string; points: Result[]; planErrors: number }[] = [];
  const parser = new Parser({ strict: true });
  let version = 0;
  parser.on('version', (value: number | string) => (version = Number(value)));
  parser.on('child', (child: Parser) => {
    const subtest: (typeof subtests)[number] = { name: child.name, points: [], planErrors: 0 };
    child.on('assert', (point: Result) => subtest.points.push(point));
    child.on('extra', (extra: string) => garbage.push(extra));
    child.on('complete', (results: { failures: { tapError: string | null }[] }) => {
      subtest.planErrors = results.failures.filter(({ tapError }) => typeof tapError === 'string').length;
    });
    subtests.push(subtest);
  });
  parser.on('extra', (extra: string) => garbage.push(extra));
  parser.end(text);
  const results = parser.results;
  return {
    ok: results?.ok ?? false,
    version,
    garbage: garbage.filter((line) => !line.startsWith('# ')),
    bailout: parser.bailedOut !== false,
    planErrors: results?.failures.filter(({ tapError }) => typeof tapError === 'string').length ?? 0,
    subtests,
  };
}

function onlyPoint(text: string): Result {
  const point = parse(text).subtests[0]?.points[0];
  expect(point).toBeDefined();
  return point as Result;
}

describe('tap', () => {
  test('is version 14 with a subtest per target', () => {
    const parsed = parse(tap(runWith({})));
    expect(parsed.version).toBe(14);
    expect(parsed.subtests.map(({ name, points }) => [name, points.length])).toEqual([['reference (0.1.0)', 1]]);
    expect(parsed.ok).toBe(true);
  });

  test('says in its first lines what ran when, and how to run it again', () => {
    expect(tap(runWith({})).split('\n').slice(0, 3)).toEqual([
      'TAP version 14',
      '# lvs-conformance 0.1.0, 2026-01-02T03:04:05.678Z',
      '# reproduce: lvs-conformance run',
    ]);
  });

  test('writes a skipped case with its reason', () => {
    const point = onlyPoint(
      tap(runWith({ verdict: 'unsupported', reason: 'the target has no tunnel\n(needs tunnel)' })),
    );
    expect(point.ok).toBe(true);
    expect(point.skip).toBe('the target has no tunnel (needs tunnel)');
  });

  test('writes a deviation as ok with diagnostics', () => {
    const point = onlyPoint(
      tap(runWith({ verdict: 'deviates', reason: 'expires a second late', deviations: ['late'] })),
    );
    expect(point.ok).toBe(true);
    expect(point.diag).toMatchObject({ verdict: 'deviates', deviations: ['late'], reason: 'expires a second late' });
  });

  test('a failed case makes its target and the whole not ok, with requirement, source and first difference', () => {
    const text = tap(
      runWith({
        verdict: 'fail',
        reason: 'client expected ip.ttl 63\n  got 64',
        firstDifference: {
          frame: 0,
          left: 1,
          right: 1,
          layer: '1 ip',
          field: 'ttl',
          offset: 22,
          expected: '63',
          observed: '64',
        },
      }),
    );
    expect(parse(text).ok).toBe(false);
    expect(onlyPoint(text)).toMatchObject({
      ok: false,
      diag: {
        requirement: 'The destination address is rewritten.',
        source: ['paper P11'],
        reason: 'client expected ip.ttl 63\n  got 64',
        firstDifference: { layer: '1 ip', field: 'ttl', offset: 22, expected: '63', observed: '64' },
      },
    });
  });

  test('a title with a hash or a backslash is no directive', () => {
    const point = onlyPoint(tap(runWith({}, { title: String.raw`port # SKIP \ this` })));
    expect(point.skip).toBe(false);
    expect(point.name).toContain('port # SKIP');
  });

  test('a title with a line or paragraph separator stays one line', () => {
    const parsed = parse(tap(runWith({}, { title: 'before\u2028between\u2029after' })));
    expect(parsed.planErrors + (parsed.subtests[0]?.planErrors ?? 0)).toBe(0);
    expect(parsed.subtests[0]?.points).toHaveLength(1);
  });

  test.prop([anyRun])('whatever the texts, a parser finds each result, its verdict and its reason again', (run) => {
    const parsed = parse(tap(run));
    expect(parsed.garbage).toEqual([]);
    expect(parsed.bailout).toBe(false);
    expect(parsed.planErrors).toBe(0);
    const points = parsed.subtests.flatMap((subtest) => {
      expect(subtest.planErrors).toBe(0);
      return subtest.points;
    });
    expect(points.map(({ ok }) => ok)).toEqual(
      run.results.map(({ verdict }) => verdict !== 'fail' && verdict !== 'error'),
    );
    expect(points.map(({ skip }) => skip !== false)).toEqual(
      run.results.map(({ verdict }) => verdict === 'unsupported'),
    );
    run.results.forEach(({ verdict, reason }, index) => {
      if (verdict === 'fail' || verdict === 'error' || verdict === 'deviates') {
        expect((points[index]?.diag as { reason?: string } | null)?.reason ?? '').toBe(reason);
      }
    });
  });
});
