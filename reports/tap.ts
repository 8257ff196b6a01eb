import { stringify } from 'yaml';
import type { FirstDifference, Run } from '../conformance/harness/run.ts';
import { resultsByTarget, type CaseResult, type TargetResults } from './results-by-target.ts';

/**
 * A run as TAP 14 (https://testanything.org/tap-version-14-specification.html): a subtest per target, a test point per case.
 * `deviates` is `ok` with diagnostics, `unsupported` is `ok` with a SKIP directive, `fail` and `error` are `not ok` with diagnostics.
 */
export function tap(run: Run): string {
  const targets = resultsByTarget(run);
  const lines = ['TAP version 14', ...header(run), plan(targets.length), ...targets.flatMap(subtest)];
  return `${lines.join('\n')}\n`;
}

/** Comments: what ran when, and the command that makes the run again. */
function header({ tool, startedAt }: Run): string[] {
  return [`# ${escape(`${tool.name} ${tool.version}, ${startedAt}`)}`, `# ${escape(`reproduce: ${tool.command}`)}`];
}

function subtest({ target, results }: TargetResults, index: number): string[] {
  const name = escape(`${target.id} (${target.version})`);
  const outcome = results.every(isOk) ? 'ok' : 'not ok';
  return [
    `# Subtest: ${name}`,
    ...indent([plan(results.length), ...results.flatMap(testPoint)], 4),
    `${outcome} ${index + 1} - ${name}`,
  ];
}

function plan(count: number): string {
  return count === 0 ? '1..0 # nothing was run' : `1..${count}`;
}

function testPoint(item: CaseResult, index: number): string[] {
  const { verdict, reason } = item.result;
  const point = `${isOk(item) ? 'ok' : 'not ok'} ${index + 1} - ${escape(`${item.case.id}: ${item.case.title}`)}`;
  switch (verdict) {
    case 'pass':
      return [point];
    case 'unsupported':
      return [`${point} # SKIP ${escape(reason)}`];
    case 'deviates':
    case 'fail':
    case 'error':
      return [point, ...indent(['---', ...diagnostics(item), '...'], 2)];
  }
}

function isOk({ result }: CaseResult): boolean {
  return result.verdict !== 'fail' && result.verdict !== 'error';
}

function diagnostics({ case: runCase, result }: CaseResult): string[] {
  const fields = {
    verdict: result.verdict,
    requirement: runCase.requirement,
    source: runCase.source,
    level: runCase.level,
    ...(result.reason === '' ? {} : { reason: result.reason }),
    ...(result.deviations.length === 0 ? {} : { deviations: result.deviations }),
    ...(result.firstDifference === null ? {} : { firstDifference: differenceFields(result.firstDifference) }),
    ...(result.capture === null ? {} : { capture: result.capture }),
    duration_ms: result.durationMs,
  };
  // No folding at 80 columns, so that a reason keeps its lines; a carriage return in a block scalar would be lost.
  const blockQuote = !JSON.stringify(fields).includes('\\r');
  return stringify(fields, { lineWidth: 0, blockQuote }).trimEnd().split('\n');
}

function differenceFields(difference: FirstDifference): Readonly<Record<string, string | number | null>> {
  return { ...difference };
}

/** One line in which neither a directive nor an escape is seen by mistake. */
function escape(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .replace(/[\\#]/g, String.raw`\$&`);
}

function indent(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => (line === '' ? '' : ' '.repeat(columns) + line));
}
