import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { Run, RunResult } from '../conformance/harness/run.ts';
import { MalformedInput } from '../reference/errors.ts';
import { json } from './json.ts';
import { parseRun } from './parse-run.ts';
import { anyRun, runWith } from './testing/runs.ts';

const everything: RunResult = {
  case: 'nat/dnat',
  target: 'reference',
  verdict: 'fail',
  durationMs: 0.5,
  reason: 'one\ntwo',
  deviations: ['late'],
  capture: 'captures/reference/nat/dnat.pcapng',
  firstDifference: {
    frame: 0,
    left: 1,
    right: null,
    layer: '1 ip',
    field: 'ttl',
    offset: 22,
    expected: '63',
    observed: '64',
  },
  listings: [
    {
      frames: 3,
      time: 1.5,
      news: [{ protocol: 'TCP', client: '10.0.0.2:1', virtual: '10.0.0.100:80', state: null, expires: null }],
    },
  ],
  checks: [{ frames: 3, time: 1.5, what: 'expires', required: '58 to 60', actual: '59' }],
  loads: [
    {
      method: 'tunnel',
      answerBytes: 1000,
      requests: 100,
      toServers: { frames: 6.04, bytes: 581.5 },
      toClients: { frames: 0, bytes: 0 },
      secondsPerFrame: null,
    },
  ],
};

/** The run with one of its fields, named by a path such as `results.0.verdict`, set to something else; undefined takes it away. */
function mended(path: string, value: unknown): string {
  const run: unknown = structuredClone(runWith(everything));
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], run) as Record<
    string,
    unknown
  >;
  holder[last] = value;
  return JSON.stringify(run);
}

function refusal(text: string): string {
  try {
    parseRun(text, 'run.json');
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedInput);
    return (error as MalformedInput).message;
  }
  throw new Error('was not refused');
}

describe('parseRun', () => {
  test.prop([anyRun])('reads what json() wrote, whatever the texts', (run) => {
    expect(parseRun(json(run), 'run.json')).toEqual(JSON.parse(JSON.stringify(run)));
  });

  test('keeps every field of a result', () => {
    expect(parseRun(json(runWith(everything)), 'run.json').results).toEqual([everything]);
  });

  test('leaves out fields that nobody asks for', () => {
    expect(parseRun(mended('results.0.mood', 'good'), 'run.json')).toEqual(runWith(everything));
  });

  test.each<readonly [string, string, unknown, RegExp]>([
    ['another schema', 'schema', 2, /^run\.json: schema: is 2, and this version reads 1/],
    ['no schema', 'schema', undefined, /^run\.json: schema: is null/],
    ['a file of another tool', 'tool.name', 'jest', /^run\.json: tool\.name: is not "lvs-conformance"/],
    ['no tool', 'tool', undefined, /^run\.json: tool: is no object/],
    ['a time that is none', 'startedAt', 'yesterday', /^run\.json: startedAt: is no time like/],
    ['a day that no month has', 'startedAt', '2026-13-45T00:00:00Z', /^run\.json: startedAt: is no time like/],
    ['a negative duration', 'durationMs', -1, /^run\.json: durationMs: is no number from 0/],
    ['targets that are no list', 'targets', {}, /^run\.json: targets: is no list/],
    ['a target without features', 'targets.0.features', null, /^run\.json: targets\[0\]\.features: is no list/],
    ['an unknown level', 'cases.0.level', 'high', /^run\.json: cases\[0\]\.level: is none of core, ipvs/],
    ['a title that is no text', 'cases.0.title', 7, /^run\.json: cases\[0\]\.title: is no text/],
    ['an unknown verdict', 'results.0.verdict', 'ok', /^run\.json: results\[0\]\.verdict: is none of pass, /],
    [
      'a result of no case',
      'results.0.case',
      'nat/x',
      /^run\.json: results\[0\]\.case: "nat\/x" is not among the cases/,
    ],
    ['a result of no target', 'targets.0.id', 'other', /^run\.json: results\[0\]\.target: "reference" is not among/],
    [
      'half a frame',
      'results.0.firstDifference.frame',
      0.5,
      /^run\.json: results\[0\]\.firstDifference\.frame: is no whole/,
    ],
    [
      'a listing without news',
      'results.0.listings.0.news',
      undefined,
      /^run\.json: results\[0\]\.listings\[0\]\.news: /,
    ],
    [
      'a load by no method',
      'results.0.loads.0.method',
      'proxy',
      /^run\.json: results\[0\]\.loads\[0\]\.method: is none of nat, /,
    ],
    [
      'less than no frames',
      'results.0.loads.0.toClients.frames',
      -1,
      /^run\.json: results\[0\]\.loads\[0\]\.toClients\.frames: is no number from 0/,
    ],
    ['no capture at all', 'results.0.capture', undefined, /^run\.json: results\[0\]\.capture: is no text/],
    [
      'a capture elsewhere',
      'results.0.capture',
      '/etc/passwd',
      /^run\.json: results\[0\]\.capture: "\/etc\/passwd" is not below/,
    ],
    [
      'a capture that climbs out',
      'results.0.capture',
      'captures/reference/../../../x',
      /^run\.json: results\[0\]\.capture: .* is not below captures\/reference\//,
    ],
    ['an id that climbs out', 'targets.0.id', '../x', /^run\.json: targets\[0\]\.id: "\.\.\/x" is no id/],
    ['an id with a line break', 'cases.0.id', 'nat/a\nb', /^run\.json: cases\[0\]\.id: "nat\/a\\nb" is no id/],
  ])('refuses %s and names the place', (_name, path, value, message) => {
    expect(refusal(mended(path, value))).toMatch(message);
  });

  test.each<readonly [keyof Run, RegExp]>([
    ['targets', /^run\.json: targets\[1\]: "reference" is there twice/],
    ['cases', /^run\.json: cases\[1\]: "nat\/dnat" is there twice/],
    ['results', /^run\.json: results\[1\]: "nat\/dnat on reference" is there twice/],
  ])('refuses %s that are there twice', (name, message) => {
    const run = runWith({});
    const items: unknown = run[name];
    expect(refusal(JSON.stringify({ ...run, [name]: [items, items].flat() }))).toMatch(message);
  });

  test.each(['', '{', 'null', '[]', '"run"', '{"tool":null}'])('refuses the text %j in one line', (text) => {
    expect(refusal(text)).toMatch(/^run\.json: [^\n]+$/);
  });
});
