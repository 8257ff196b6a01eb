import type { Run } from '../conformance/harness/run.ts';
import { describeDifference } from './describe-difference.ts';
import { resultsByTarget, type CaseResult, type TargetResults } from './results-by-target.ts';
import { element, xmlDocument, type XmlElement } from './xml.ts';

/**
 * A run as JUnit XML, as Jenkins, GitLab and GitHub actions read it: a suite per target, a test case per case.
 * `fail` is a failure, `error` an error, `unsupported` skipped; `deviates` passes and says how in `system-out`.
 */
export function junit(run: Run): string {
  const targets = resultsByTarget(run);
  return xmlDocument(
    element(
      'testsuites',
      { name: run.tool.name, ...counts(targets.flatMap(({ results }) => results)) },
      ...targets.map((target) => suite(target, run)),
    ),
  );
}

function suite({ target, results }: TargetResults, { startedAt, tool }: Run): XmlElement {
  return element(
    'testsuite',
    // The format's time stamp has neither fraction nor zone.
    { name: target.id, ...counts(results), timestamp: startedAt.replace(/(\.\d+)?Z$/, '') },
    element(
      'properties',
      {},
      element('property', { name: 'version', value: target.version }),
      element('property', { name: 'description', value: target.description }),
      element('property', { name: 'tool', value: `${tool.name} ${tool.version}` }),
      element('property', { name: 'command', value: tool.command }),
    ),
    ...results.map((item) => testCase(item)),
  );
}

function testCase(item: CaseResult): XmlElement {
  const { case: runCase, result } = item;
  return element(
    'testcase',
    { name: runCase.id, classname: result.target, time: seconds(result.durationMs) },
    ...outcome(item),
  );
}

function outcome(item: CaseResult): XmlElement[] {
  const { reason, verdict } = item.result;
  const message = reason.split('\n', 1).join('');
  switch (verdict) {
    case 'pass':
      return [];
    case 'fail':
      return [element('failure', { message, type: 'fail' }, explanation(item))];
    case 'error':
      return [element('error', { message, type: 'error' }, explanation(item))];
    case 'unsupported':
      return [element('skipped', { message: reason })];
    case 'deviates':
      return [element('system-out', {}, `deviates: ${explanation(item)}`)];
  }
}

function explanation({ case: runCase, result }: CaseResult): string {
  const difference = result.firstDifference;
  return [
    result.reason,
    `requirement: ${runCase.requirement}`,
    `source: ${runCase.source.join('; ')}`,
    ...(result.deviations.length === 0 ? [] : [`deviations: ${result.deviations.join(', ')}`]),
    ...(difference === null ? [] : [`first difference: ${describeDifference(difference)}`]),
    ...(result.capture === null ? [] : [`capture: ${result.capture}`]),
  ].join('\n');
}

function counts(results: readonly CaseResult[]): Readonly<Record<string, string | number>> {
  const count = (verdict: CaseResult['result']['verdict']): number =>
    results.filter(({ result }) => result.verdict === verdict).length;
  return {
    tests: results.length,
    failures: count('fail'),
    errors: count('error'),
    skipped: count('unsupported'),
    time: seconds(results.reduce((sum, { result }) => sum + result.durationMs, 0)),
  };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(6);
}
