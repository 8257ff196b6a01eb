import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { MalformedInput } from '../reference/errors.ts';
import { captureFile } from './capture-file.ts';
import { json } from './json.ts';
import { readRun } from './read-run.ts';
import { runWith } from './testing/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'read-run-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'run.json'), json(runWith({})));

describe('readRun', () => {
  test.each([folder, join(folder, 'run.json')])('takes a folder and the run.json in it alike', (path) => {
    expect(readRun(path)).toEqual({ name: path, folder, run: runWith({}) });
  });

  test.each([
    ['a path where nothing is', 'absent', /absent: cannot be read \(ENOENT/],
    ['a folder without a run', 'empty', /empty: cannot be read \(ENOENT/],
    ['a file that is no text', 'binary.json', /binary\.json: cannot be read \(/],
    ['a file that is no run', 'list.json', /list\.json: the file: is no object/],
  ])('refuses %s and names it', (_name, path, message) => {
    mkdirSync(join(folder, 'empty'), { recursive: true });
    writeFileSync(join(folder, 'binary.json'), Uint8Array.of(0xff, 0xfe, 0));
    writeFileSync(join(folder, 'list.json'), '[]');
    expect(() => readRun(join(folder, path))).toThrow(MalformedInput);
    expect(() => readRun(join(folder, path))).toThrow(message);
  });
});

describe('captureFile', () => {
  const stored = readRun(folder);
  mkdirSync(join(folder, 'captures/reference'), { recursive: true });

  test('is null where the capture was not kept', () => {
    expect(captureFile(stored, 'captures/reference/none.pcapng')).toBe(null);
  });

  test('follows a link within the folder, and none out of it', () => {
    const capture = join(folder, 'captures/reference/a.pcapng');
    writeFileSync(capture, '');
    symlinkSync(capture, join(folder, 'captures/reference/within.pcapng'));
    symlinkSync('/etc/hostname', join(folder, 'captures/reference/out.pcapng'));
    expect(captureFile(stored, 'captures/reference/within.pcapng')).toBe(
      captureFile(stored, 'captures/reference/a.pcapng'),
    );
    expect(() => captureFile(stored, 'captures/reference/out.pcapng')).toThrow(
      /out\.pcapng: is a link out of the run's folder/,
    );
  });
});
