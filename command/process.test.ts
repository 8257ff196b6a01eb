import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, test } from 'vitest';

const script = 'bin/lvs-conformance.js';
/** The first call of all may compile the sources. */
const LIMIT_MS = 120_000;

interface Ended {
  readonly status: number | null;
  readonly err: string;
}

/** Runs the program as a shell does, with standard output to a file, or to a pipe that is closed after its first bytes. */
function program(parameters: readonly string[], stdout: number | 'closed'): Promise<Ended> {
  const child = spawn(process.execPath, [script, ...parameters], {
    stdio: ['ignore', stdout === 'closed' ? 'pipe' : stdout, 'pipe'],
  });
  const err: Buffer[] = [];
  child.stderr?.on('data', (data: Buffer) => err.push(data));
  child.stdout?.once('data', () => child.stdout?.destroy());
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      const lines = Buffer.concat(err).toString().split('\n');
      resolve({ status, err: lines.filter((line) => !line.startsWith('setup: ')).join('\n') });
    });
  });
}

test.skipIf(!existsSync('/dev/full'))(
  'a full disk below standard output is one line and status 2',
  { timeout: LIMIT_MS },
  async () => {
    const full = openSync('/dev/full', 'w');
    const ended = await program(['list', '--json'], full);
    closeSync(full);
    expect(ended.err).toMatch(/^lvs-conformance: standard output: cannot be written \(ENOSPC[^\n]*\n$/);
    expect(ended.status).toBe(2);
  },
);

test('a reader that has seen enough is no failure', { timeout: LIMIT_MS }, async () => {
  expect(await program(['list', '--json'], 'closed')).toEqual({ status: 0, err: '' });
});
