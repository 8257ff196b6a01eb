import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCapture } from '../conformance/captures/read-capture.ts';
import { writeCapture } from '../conformance/captures/write-capture.ts';
import type { Run, RunResult } from '../conformance/harness/run.ts';
import type { Comparison } from '../reports/compare-runs.ts';
import { commandLine } from './testing/captured-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'compare-'));
const [before, after] = [join(folder, 'before'), join(folder, 'after')];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  await commandLine(['run', '--target', 'reference', '--case', 'nat/re*', '--out', before]);
});

function runOf(path: string): Run {
  return JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')) as Run;
}

/** `after` becomes `before` with results changed. */
function change(alter: (result: RunResult, index: number) => RunResult): void {
  rmSync(after, { recursive: true, force: true });
  cpSync(before, after, { recursive: true });
  const run = runOf(before);
  writeFileSync(join(after, 'run.json'), JSON.stringify({ ...run, results: run.results.map(alter) }));
}

describe('compare', () => {
  test('nothing changed: status 0', async () => {
    change((result) => result);
    const { status, out, err } = await commandLine(['compare', before, join(after, 'run.json')]);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(
      /\nreference \(profile linux-6\.1\): \d+ cases in both\n {2}pass +(\d+) → \1\n {2}nothing changed\n$/,
    );
  });

  test('a case that fails now: status 1, and all formats name it', async () => {
    change((result, index) => (index === 0 ? { ...result, verdict: 'fail', reason: 'it broke' } : result));
    const id = runOf(before).results[0]?.case ?? '';
    const text = await commandLine(['compare', before, after]);
    expect(text.status).toBe(1);
    expect(text.out).toContain(`  1 newly failing\n    nat\n      pass → fail  ${id}\n          it broke\n`);
    const markdown = await commandLine(['compare', before, after, '--markdown']);
    expect(markdown.status).toBe(1);
    expect(markdown.out).toContain(`  - pass → fail \`${id}\`\n    - \`it broke\`\n`);
    const json = await commandLine(['compare', before, after, '--json']);
    expect(json.status).toBe(1);
    expect((JSON.parse(json.out) as Comparison).targets[0]?.changes).toEqual([
      expect.objectContaining({ kind: 'newly-failing', a: expect.objectContaining({ verdict: 'pass' }) as unknown }),
    ]);
  });

  test('a case that failed already, or passes now: status 0', async () => {
    change((result) => ({ ...result, verdict: 'fail', reason: 'it broke' }));
    expect((await commandLine(['compare', after, after])).status).toBe(0);
    expect((await commandLine(['compare', after, before])).status).toBe(0);
  });

  test('a frame with another TTL is a changed capture, with the field that differs first', async () => {
    change((result) => result);
    const { case: id, capture } =
      runOf(before).results.find((result) => result.case === 'nat/request-destination') ?? {};
    const path = join(after, capture ?? '');
    const old = readCapture(path);
    const changed = old.frames.findIndex(
      (frame) => frame.direction === 'out' && frame.bytes[12] === 8 && frame.bytes[13] === 0,
    );
    const frames = old.frames.map((frame, index) => {
      const bytes = frame.bytes.slice();
      // The TTL is byte 8 of the IP header (RFC 791 §3.1), which begins behind 14 bytes of Ethernet.
      if (index === changed) bytes[22] = 7;
      return { ...frame, bytes };
    });
    writeCapture(path, { ...old, frames });
    const { status, out } = await commandLine(['compare', before, after]);
    expect(status).toBe(0);
    expect(out).toContain(
      `  1 capture changed, verdict the same\n    nat\n      pass  ${id ?? ''}\n` +
        `          frame ${changed + 1}, from the director, 1 ip.ttl, byte 22: A 63, B 7\n`,
    );
  });

  test('captures that are not there or damaged are said; the verdicts are compared all the same', async () => {
    change((result) => result);
    rmSync(join(after, 'captures'), { recursive: true });
    const { status, out } = await commandLine(['compare', before, after]);
    expect(status).toBe(0);
    expect(out).toMatch(
      /\n {2}nothing changed\n\n {2}captures of \d+ cases were not compared: [^\n]+after comes without its captures\n$/,
    );
    change((result) => result);
    const { capture } = runOf(after).results[0] ?? {};
    writeFileSync(join(after, capture ?? ''), 'no capture');
    expect((await commandLine(['compare', before, after])).out).toMatch(
      /captures of 1 case were not compared: [^\n]+: byte 0: neither pcap nor pcapng/,
    );
  });

  test('lines fit the terminal', async () => {
    change((result, index) => (index === 0 ? { ...result, verdict: 'fail', reason: 'word '.repeat(60) } : result));
    const { out } = await commandLine(['compare', before, after], 100);
    const reasons = out.split('\n').filter((line) => line.includes('word word'));
    expect(reasons.length).toBeGreaterThan(2);
    expect(Math.max(...reasons.map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  test.each<readonly [string, () => string[], RegExp]>([
    ['one run alone', () => [before], /missing required argument 'run-b'/],
    ['a run that is not there', () => [before, join(folder, 'absent')], /absent: cannot be read \(ENOENT/],
    ['a file that is no run', () => [before, join(before, 'junit.xml')], /junit\.xml: is not JSON/],
    ['both formats', () => [before, after, '--json', '--markdown'], /'--markdown' cannot be used with option '--json'/],
  ])('%s is bad input, said in one line', async (_name, words, message) => {
    const { status, out, err } = await commandLine(['compare', ...words()]);
    expect(err).toMatch(/^lvs-conformance: [^\n]+\n$/);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 2, out: '' });
  });
});
