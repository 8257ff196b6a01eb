import { fc } from '@fast-check/vitest';
import type { FirstDifference, Run, RunResult, Verdict } from '../../conformance/harness/run.ts';

/** A run of one target with one case; the result's fields as given. */
export function runWith(
  result: Partial<RunResult>,
  texts: { readonly title?: string; readonly requirement?: string } = {},
): Run {
  return {
    schema: 1,
    tool: { name: 'lvs-conformance', version: '0.1.0', command: 'lvs-conformance run' },
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 12.5,
    targets: [{ id: 'reference', description: 'the reference director', version: '0.1.0', features: ['nat'] }],
    cases: [
      {
        id: 'nat/dnat',
        title: texts.title ?? 'The destination is translated',
        requirement: texts.requirement ?? 'The destination address is rewritten.',
        source: ['paper P11'],
        level: 'core',
        tags: ['tcp'],
        needs: ['nat'],
      },
    ],
    results: [
      {
        case: 'nat/dnat',
        target: 'reference',
        verdict: 'pass',
        durationMs: 1.25,
        reason: '',
        deviations: [],
        capture: null,
        firstDifference: null,
        ...result,
      },
    ],
  };
}

/** Text as a hostile or unlucky director brings it about: control characters, markup, format markers, several lines. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '\t',
        '\0',
        '\u001b[31m',
        '---',
        '...',
        '# SKIP',
        '\\',
        ' #',
        '1..2',
        'not ok 1',
        'Bail out!',
      ),
      fc.constantFrom(
        '<script>alert(1)</script>',
        ']]>',
        '&amp;',
        '"',
        "'",
        '</td>',
        '<!--',
        'javascript:alert(1)',
        '\uFFFE',
        '\uD800',
      ),
      fc.constantFrom('a', ': ', '- ', '| ', '> ', '! ', '  '),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const firstDifference: fc.Arbitrary<FirstDifference> = fc.record(
  {
    frame: fc.nat(9),
    left: fc.option(fc.nat(9)),
    right: fc.option(fc.nat(9)),
    layer: hostileText,
    field: hostileText,
    offset: fc.nat(1500),
    expected: hostileText,
    observed: hostileText,
  },
  { requiredKeys: ['frame', 'left', 'right', 'expected', 'observed'] },
);

const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'deviates', 'unsupported', 'error');

/** Runs of up to three targets and four cases, not every case on every target, with hostile text wherever text can be. */
export const anyRun: fc.Arbitrary<Run> = fc
  .record({
    targets: fc.array(fc.record({ description: hostileText, version: hostileText }), { maxLength: 3 }),
    cases: fc.array(fc.record({ title: hostileText, requirement: hostileText, source: fc.array(hostileText) }), {
      maxLength: 4,
    }),
    command: hostileText,
  })
  .chain(({ targets, cases, command }) => {
    const pairs = targets.flatMap((_target, target) => cases.map((_case, index) => [target, index] as const));
    const result = fc.record({
      verdict,
      durationMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      reason: hostileText,
      deviations: fc.array(hostileText, { maxLength: 2 }),
      firstDifference: fc.option(firstDifference),
      left: fc.nat(9),
    });
    return fc.tuple(...pairs.map(() => result)).map((results): Run => ({
      schema: 1,
      tool: { name: 'lvs-conformance', version: '0.1.0', command },
      startedAt: '2026-01-02T03:04:05.678Z',
      durationMs: 1,
      targets: targets.map((target, index) => ({ ...target, id: `target-${String(index)}`, features: [] })),
      cases: cases.map((item, index) => ({
        ...item,
        id: `area/case-${String(index)}`,
        level: 'core',
        tags: [],
        needs: [],
      })),
      results: results.flatMap(({ left, ...fields }, index): RunResult[] => {
        const [target, item] = pairs[index] ?? [0, 0];
        return left === 0
          ? []
          : [{ ...fields, target: `target-${String(target)}`, case: `area/case-${String(item)}`, capture: null }];
      }),
    }));
  });
