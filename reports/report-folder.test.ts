import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ReportFolder } from './report-folder.ts';

let path = '';
beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'report-folder-'))));
afterEach(() => rmSync(path, { recursive: true }));

/** The staging folder of a process, as a run of it names it. */
const unfinishedOf = (pid: number): string =>
  `.unfinished-${pid}-${/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? ''}-abcdef`;

it('is rid of what a killed run left unfinished, and not of what a living one is at', () => {
  const [ended, living] = [unfinishedOf(spawnSync('true').pid), unfinishedOf(process.ppid)];
  for (const name of [ended, living]) mkdirSync(join(path, name, 'captures'), { recursive: true });
  const folder = new ReportFolder(path);
  expect(readdirSync(path)).not.toContain(ended);
  expect(readdirSync(path)).toContain(living);
  folder.discard();
  expect(readdirSync(path)).toEqual([living]);
});
