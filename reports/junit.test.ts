import { test } from '@fast-check/vitest';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect } from 'vitest';
import { junit } from './junit.ts';
import { markupErrors } from './testing/markup-errors.ts';
import { anyRun, runWith } from './testing/runs.ts';

interface Suites {
  readonly testsuites: { readonly '@tests': string; readonly testsuite?: readonly Suite[] };
}
interface Suite {
  readonly properties: {
    readonly property: readonly { readonly '@name': string; readonly '@value': string }[];
  };
  readonly '@name': string;
  readonly '@tests': string;
  readonly '@failures': string;
  readonly '@errors': string;
  readonly '@skipped': string;
  readonly testcase?: readonly TestCase[];
}
interface TestCase {
  readonly '@name': string;
  readonly '@classname': string;
  readonly '@time': string;
  readonly failure?: readonly Outcome[];
  readonly error?: readonly Outcome[];
  readonly skipped?: readonly Outcome[];
  readonly 'system-out'?: readonly string[];
}
interface Outcome {
  readonly '@message': string;
  readonly '#text'?: string;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  isArray: (name) => ['testsuite', 'testcase', 'failure', 'error', 'skipped', 'system-out'].includes(name),
});

function parse(text: string): Suites {
  expect(markupErrors(text)).toEqual([]);
  return parser.parse(text) as Suites;
}

function onlyCase(text: string): TestCase {
  const testCase = parse(text).testsuites.testsuite?.[0]?.testcase?.[0];
  expect(testCase).toBeDefined();
  return testCase as TestCase;
}

describe('junit', () => {
  test('names the case, its target and the seconds it took', () => {
    expect(onlyCase(junit(runWith({ durationMs: 1250 })))).toEqual({
      '@name': 'nat/dnat',
      '@classname': 'reference',
      '@time': '1.250000',
    });
  });

  test('a suite says which director it was, and how to run it again', () => {
    const suite = parse(junit(runWith({}))).testsuites.testsuite?.[0];
    expect(suite?.properties.property.map((property) => [property['@name'], property['@value']])).toEqual([
      ['version', '0.1.0'],
      ['description', 'the reference director'],
      ['tool', 'lvs-conformance 0.1.0'],
      ['command', 'lvs-conformance run'],
    ]);
  });

  test.each([
    ['fail', 'failure'],
    ['error', 'error'],
    ['unsupported', 'skipped'],
  ] as const)('tells %s as <%s>', (verdict, name) => {
    const testCase = onlyCase(junit(runWith({ verdict, reason: 'because <of> "this"' })));
    expect(testCase[name]?.[0]?.['@message']).toBe('because <of> "this"');
    expect(['failure', 'error', 'skipped'].filter((other) => other in testCase)).toEqual([name]);
  });

  test('a deviation passes and says how it deviates', () => {
    const testCase = onlyCase(junit(runWith({ verdict: 'deviates', reason: 'a second late', deviations: ['late'] })));
    expect(testCase.failure).toBeUndefined();
    expect(testCase['system-out']?.[0]).toMatch(/^deviates: a second late\n[^]*deviations: late/);
  });

  test('a failure keeps its lines, without the control characters that XML forbids', () => {
    const text = junit(runWith({ verdict: 'fail', reason: 'one\0\u001b[31m\ntwo ]]> & <three>' }));
    expect(text).not.toMatch(/[\0\u001b]/);
    expect(onlyCase(text).failure?.[0]).toMatchObject({
      '@message': 'one[31m',
      '#text': expect.stringMatching(/^one\[31m\ntwo \]\]> & <three>\n/) as string,
    });
  });

  test.prop([anyRun])('whatever the texts, it is well-formed and its counts are those of the run', (run) => {
    const suites = parse(junit(run)).testsuites;
    expect(suites['@tests']).toBe(String(run.results.length));
    const listed = (suites.testsuite ?? []).flatMap((suite) => {
      const cases = suite.testcase ?? [];
      expect(suite['@tests']).toBe(String(cases.length));
      expect(suite['@failures']).toBe(String(cases.filter(({ failure }) => failure !== undefined).length));
      expect(suite['@errors']).toBe(String(cases.filter(({ error }) => error !== undefined).length));
      expect(suite['@skipped']).toBe(String(cases.filter(({ skipped }) => skipped !== undefined).length));
      return cases.map((item) => [item['@classname'], item['@name']]);
    });
    expect(listed).toEqual(run.results.map((result) => [result.target, result.case]));
  });
});
