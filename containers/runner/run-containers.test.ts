import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../../command/terminal.ts';
import { readRun } from '../../reports/read-run.ts';
import { scenarios } from '../scenarios/index.ts';
import { topologies } from '../topologies/index.ts';
import { casesOf } from './container-case.ts';
import { runContainers } from './run-containers.ts';

describe('where no container engine answers', () => {
  let folder = '';
  let said = '';
  const terminal: Terminal = {
    out: (text) => void (said += text),
    err: (text) => void (said += text),
    columns: null,
    flush: () => Promise.resolve(),
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'run-containers-'));
    said = '';
    vi.stubEnv('DOCKER_HOST', `unix://${folder}/none.sock`);
    vi.stubEnv('CI', undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  const WHY = /^no container engine answers: .*apt-get install docker\.io/;

  it('every case is unsupported on every director it would be asked of, with the reason and the mend', async () => {
    expect(await runContainers({ out: join(folder, 'report') }, terminal)).toBe(0);
    const { results } = readRun(join(folder, 'report')).run;
    const cases = casesOf(topologies, scenarios).map(({ id }) => id);
    expect(new Set(results.map((result) => result.case))).toEqual(new Set(cases));
    for (const director of ['docker-reference', 'docker-kernel', 'docker-keepalived']) {
      expect(results.some(({ target }) => target.startsWith(director))).toBe(true);
    }
    for (const { verdict, reason } of results) {
      expect(verdict).toBe('unsupported');
      expect(reason).toMatch(WHY);
    }
    expect(said).toMatch(/nothing was run: no container engine answers/);
  });

  it('only the directors that were named are told of, and one that there would not be is refused', async () => {
    const out = join(folder, 'report');
    await runContainers({ out, director: ['docker-kernel-6.1'] }, terminal);
    expect(readRun(out).run.targets.map(({ id }) => id)).toEqual(['docker-kernel']);
    await expect(runContainers({ out, director: ['nobody'] }, terminal)).rejects.toThrow(
      'no director is named nobody; there are docker-reference, docker-kernel, docker-keepalived',
    );
  });

  it('the cases are listed, and a wrong name says how', async () => {
    const out = join(folder, 'report');
    expect(await runContainers({ out, list: true, case: ['vs-dr/dns'] }, terminal)).toBe(0);
    expect(said).toMatch(/^vs-dr\/dns {2}core {2}\S.*\n$/);
    await expect(runContainers({ out, case: ['nothing'] }, terminal)).rejects.toThrow(/; --list shows them all$/);
  });

  it('continuous integration fails', async () => {
    vi.stubEnv('CI', 'true');
    expect(await runContainers({ out: join(folder, 'report'), case: ['vs-nat/*'] }, terminal)).toBe(1);
  });
});
