import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { mergeRuns } from './merge-runs.ts';
import { parseRun } from './parse-run.ts';
import { anyRun } from './testing/runs.ts';
import { runOf } from './testing/verdicts.ts';

const kept = (target: string, id: string) => ({ verdict: 'pass', capture: `captures/${target}/${id}.pcapng` }) as const;

describe('mergeRuns', () => {
  test.prop([anyRun])('a run alone stays as it is', (run) => {
    expect(mergeRuns([run]).run).toEqual(run);
  });

  test('targets of different ids stand side by side', () => {
    const { run } = mergeRuns([
      runOf({ reference: { 'nat/x': 'pass' } }),
      runOf({ 'kernel-6.1': { 'nat/x': 'fail', 'nat/a': 'pass' } }),
    ]);
    expect(run.targets.map(({ id, description }) => [id, description])).toEqual([
      ['reference', 'the reference director'],
      ['kernel-6.1', 'the reference director'],
    ]);
    expect(run.cases.map(({ id }) => id)).toEqual(['nat/a', 'nat/x']);
    expect(run.results.map((result) => [result.target, result.case, result.verdict])).toEqual([
      ['reference', 'nat/x', 'pass'],
      ['kernel-6.1', 'nat/x', 'fail'],
      ['kernel-6.1', 'nat/a', 'pass'],
    ]);
  });

  test('a case that ran twice on targets of one id makes two of them, which say when they ran, with captures of their own', () => {
    const later = { ...runOf({ kernel: { 'nat/x': kept('kernel', 'nat/x') } }), startedAt: '2026-02-03T04:05:06.000Z' };
    const { run, captures } = mergeRuns([runOf({ kernel: { 'nat/x': kept('kernel', 'nat/x') } }), later]);
    expect(run.targets.map(({ id, description }) => [id, description])).toEqual([
      ['kernel', 'the reference director; run of 2026-01-02 03:04:05 UTC'],
      ['kernel (2)', 'the reference director; run of 2026-02-03 04:05:06 UTC'],
    ]);
    expect(run.results.map(({ target, capture }) => [target, capture])).toEqual([
      ['kernel', 'captures/kernel/nat/x.pcapng'],
      ['kernel (2)', 'captures/kernel (2)/nat/x.pcapng'],
    ]);
    expect(captures).toEqual([
      { run: 0, from: 'captures/kernel/nat/x.pcapng', to: 'captures/kernel/nat/x.pcapng' },
      { run: 1, from: 'captures/kernel/nat/x.pcapng', to: 'captures/kernel (2)/nat/x.pcapng' },
    ]);
  });

  test('shards become one target again, those of another version another', () => {
    const part = (id: string, version: string) => {
      const run = runOf({ kernel: { [id]: 'pass' } });
      return { ...run, targets: run.targets.map((target) => ({ ...target, version })) };
    };
    const { run } = mergeRuns([part('nat/a', '6.1'), part('nat/b', '6.1'), part('nat/c', '6.12')]);
    expect(run.results.map((result) => [result.target, result.case])).toEqual([
      ['kernel', 'nat/a'],
      ['kernel', 'nat/b'],
      ['kernel (2)', 'nat/c'],
    ]);
  });

  test('a new id is none that a run has already', () => {
    const { run } = mergeRuns([
      runOf({ kernel: { 'nat/x': 'pass' }, 'kernel (2)': { 'nat/x': 'pass' } }),
      runOf({ kernel: { 'nat/x': 'pass' } }),
    ]);
    expect(run.targets.map(({ id }) => id)).toEqual(['kernel', 'kernel (2)', 'kernel (3)']);
  });

  test('a case that was changed is told as the latest run has it', () => {
    const titled = (title: string, startedAt: string) => {
      const run = runOf({ [title]: { 'nat/x': 'pass' } });
      return { ...run, startedAt, cases: run.cases.map((item) => ({ ...item, title })) };
    };
    const runs = [titled('new', '2026-05-01T00:00:00Z'), titled('old', '2026-04-01T00:00:00Z')] as const;
    expect(mergeRuns([...runs]).run).toMatchObject({ startedAt: '2026-04-01T00:00:00Z', cases: [{ title: 'new' }] });
  });

  test('time, versions and commands are those of all runs', () => {
    const [one, other] = [runOf({ a: {} }), runOf({ b: {} })];
    const tool = { ...other.tool, version: '0.2.0', command: 'lvs-conformance run --target b' };
    expect(mergeRuns([one, { ...other, tool }, { ...other, tool }]).run).toMatchObject({
      durationMs: 3 * one.durationMs,
      tool: { version: '0.1.0, 0.2.0', command: 'lvs-conformance run; lvs-conformance run --target b' },
    });
  });

  test.prop([anyRun, anyRun, anyRun])(
    'every result is there once, in a run that can be read and merged again',
    (...runs) => {
      const { run } = mergeRuns(runs);
      expect(run.results).toHaveLength(runs.reduce((sum, { results }) => sum + results.length, 0));
      expect(parseRun(JSON.stringify(run), 'merged')).toEqual(JSON.parse(JSON.stringify(run)));
      const verdicts = (results: readonly { readonly case: string; readonly verdict: string }[]): string[] =>
        results.map((result) => `${result.case} ${result.verdict}`).sort();
      expect(verdicts(run.results)).toEqual(verdicts(runs.flatMap(({ results }) => results)));
    },
  );
});
