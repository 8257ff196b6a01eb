import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Run } from '../conformance/harness/run.ts';
import { compareMarkdown } from './compare-markdown.ts';
import { compareRuns } from './compare-runs.ts';
import { anyRun, hostileText } from './testing/runs.ts';
import { runOf, type Outcome } from './testing/verdicts.ts';

function markdown(a: Run, b: Run): string {
  return compareMarkdown(compareRuns({ name: 'before', run: a }, { name: 'after', run: b }, () => null));
}

/** The text without its code spans, found as CommonMark 0.31 §6.1 says: from a run of backticks to the next of the same length. */
function outsideCode(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, ''))
    .join('\n');
}

describe('compareMarkdown', () => {
  test('shows at once what changed for better or worse, and folds away the rest', () => {
    const a = runOf({ kernel: { 'nat/a': 'pass', 'nat/b': 'fail', 'nat/gone': 'pass' } });
    const b = runOf({ kernel: { 'nat/a': { verdict: 'fail', reason: 'ttl <63>' }, 'nat/b': 'pass' } });
    expect(markdown(a, b)).toBe(`\
### LVS conformance: 1 newly failing

| | run | at | tool |
|---|---|---|---|
| A | \`before\` | 2026-01-02 03:04:05 UTC | lvs-conformance \`0.1.0\` |
| B | \`after\` | 2026-01-02 03:04:05 UTC | lvs-conformance \`0.1.0\` |

#### \`kernel\` (\`1\`)

| | pass | fail |
|---|---:|---:|
| A | 1 | 1 |
| B | 1 | 1 |

2 cases in both.

**1 newly failing**

- \`nat\`
  - pass → fail \`nat/a\`
    - \`ttl <63>\`

**1 newly passing**

- \`nat\`
  - fail → pass \`nat/b\`

<details>
<summary>1 only in A</summary>

- \`nat\`
  - pass \`nat/gone\`

</details>
`);
  });

  const text = fc
    .oneof(hostileText, fc.constantFrom('`', '``` x', 'x ``', '@everyone', 'a | b', '[x](http://x)', '#1 \\', '<b>'))
    .filter(
      (given) =>
        given
          .split('\n', 1)
          .join('')
          .replace(/[\p{C}\p{Z}]/gu, '') !== '',
    );

  test.prop([anyRun.filter(({ targets }) => targets.length > 0), text])(
    'a text of a run changes nothing around it: it is no markup, no mention, no link',
    (run, given) => {
      const passing = {
        ...run,
        results: run.results.map((result) => ({ ...result, verdict: 'pass' as const, reason: '' })),
      };
      const around = (reason: string): string =>
        outsideCode(
          markdown(passing, {
            ...run,
            targets: run.targets.map((item) => ({ ...item, version: reason })),
            results: run.results.map((result) => ({ ...result, verdict: 'fail', reason })),
          }),
        );
      expect(around(given)).toBe(around('plain'));
    },
  );

  test('stays within what GitHub takes, and says how much is left out', () => {
    const many = (outcome: (n: number) => Outcome): Run =>
      runOf({ kernel: Object.fromEntries([...Array(2000).keys()].map((n) => [`area-${n}/case`, outcome(n)])) });
    const long = 'x'.repeat(10_000);
    const text = markdown(
      many(() => 'pass'),
      many((n) => ({ verdict: 'fail', reason: `${n}: ${long}` })),
    );
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain('**2000 newly failing**');
    expect(text).toMatch(/\n- … and \d+ more; `--json` has all\n/);
  });
});
