import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Run } from '../conformance/harness/run.ts';
import { commandLine } from './testing/captured-terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'report-'));
const [one, other] = [join(folder, 'one'), join(folder, 'other')];
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const run = ['run', '--target', 'reference', '--case', 'nat/re*'];
  await commandLine([...run, '--shard', '1/2', '--out', one]);
  await commandLine([...run, '--shard', '2/2', '--out', other]);
});

function runOf(path: string): Run {
  return JSON.parse(readFileSync(join(path, 'run.json'), 'utf8')) as Run;
}

describe('report', () => {
  test('of one run is the same report again, captures and all', async () => {
    const out = join(folder, 'again');
    const ended = await commandLine(['report', one, '--out', out]);
    expect(ended).toMatchObject({ status: 0, err: '' });
    expect(ended.out).toMatch(/^reference {2}profile linux-6\.1 {2}[^\n]+\nreport: [^\n]+again\/index\.html\n$/);
    const files = (path: string): string[] => readdirSync(path, { recursive: true }).map(String).sort();
    expect(files(out)).toEqual(files(one));
    for (const name of ['run.json', 'results.tap', 'junit.xml', 'index.html'])
      expect(readFileSync(join(out, name), 'utf8')).toBe(readFileSync(join(one, name), 'utf8'));
  });

  test('of the shards of a run is the whole run', async () => {
    const out = join(folder, 'whole');
    expect((await commandLine(['report', one, other, '--out', out])).status).toBe(0);
    const run = runOf(out);
    expect(run.targets.map(({ id }) => id)).toEqual(['reference']);
    expect(run.results.map((result) => result.case).sort()).toEqual(
      [...runOf(one).results, ...runOf(other).results].map((result) => result.case).sort(),
    );
    for (const { capture } of run.results) expect(existsSync(join(out, capture ?? 'none'))).toBe(true);
  });

  test('of the same target twice has it twice, each with its own captures', async () => {
    const out = join(folder, 'twice');
    expect((await commandLine(['report', one, one, '--out', out])).status).toBe(0);
    expect(runOf(out).targets.map(({ id }) => id)).toEqual(['reference', 'reference (2)']);
    expect(readdirSync(join(out, 'captures')).sort()).toEqual(['reference', 'reference (2)']);
  });

  test('may take the place of a run that it is made of', async () => {
    const out = join(folder, 'replaced');
    cpSync(one, out, { recursive: true });
    expect((await commandLine(['report', out, other, '--out', out])).status).toBe(0);
    expect(runOf(out).results).toHaveLength(runOf(one).results.length + runOf(other).results.length);
    expect(readdirSync(out).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that is interrupted ends with 130 and leaves nothing behind', async () => {
    const out = join(folder, 'interrupted');
    const ending = commandLine(['report', one, '--out', out]);
    while (!existsSync(out)) await new Promise(setImmediate);
    process.emit('SIGINT', 'SIGINT');
    expect(await ending).toEqual({
      status: 130,
      out: '',
      err: 'lvs-conformance: ended by SIGINT; nothing was written\n',
    });
    expect(existsSync(out)).toBe(false);
  });

  test('of a run.json alone is without captures and says so', async () => {
    const file = join(folder, 'alone.json');
    cpSync(join(one, 'run.json'), file);
    const ended = await commandLine(['report', file, '--out', join(folder, 'bare')]);
    const count = runOf(one).results.length;
    expect(ended).toMatchObject({
      status: 0,
      err: `${file}: ${count} captures are not there; the report is without\n`,
    });
    expect(existsSync(join(folder, 'bare/index.html'))).toBe(true);
  });

  test.each<readonly [string, () => string[], RegExp]>([
    ['no run', () => ['--out', join(folder, 'never')], /missing required argument 'run'/],
    ['no output folder', () => [one], /required option '--out <folder>' not specified/],
    [
      'a run that is not there',
      () => [one, join(folder, 'absent'), '--out', join(folder, 'never')],
      /absent: cannot be read/,
    ],
    [
      'a damaged run.json',
      () => [damaged(), '--out', join(folder, 'never')],
      /damaged\.json: results\[0\]\.verdict: is none of/,
    ],
    ['a file as output folder', () => [one, '--out', join(one, 'run.json')], /run\.json: is not a folder/],
  ])('%s is bad input, said in one line, and nothing is written', async (_name, words, message) => {
    const { status, out, err } = await commandLine(['report', ...words()]);
    expect(err).toMatch(/^lvs-conformance: [^\n]+\n$/);
    expect(err).toMatch(message);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });
});

function damaged(): string {
  const path = join(folder, 'damaged.json');
  writeFileSync(path, readFileSync(join(one, 'run.json'), 'utf8').replace('"verdict": "pass"', '"verdict": "good"'));
  return path;
}
