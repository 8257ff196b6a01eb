import { describe, expect, it } from 'vitest';
import { hasEnded, ownIdentity, readIdentity, startTimeIn, writeIdentity, type RunIdentity } from './labels.ts';

const run: RunIdentity = { boot: 'aa-11', pidNamespace: '4026531836', pid: 4711, startTime: '8000' };

const seenFrom = (processes: Readonly<Record<number, string>>, other: Partial<RunIdentity> = {}) => ({
  boot: other.boot ?? run.boot,
  pidNamespace: other.pidNamespace ?? run.pidNamespace,
  startTimeOf: (pid: number) => processes[pid] ?? null,
});

describe('the name of a run', () => {
  it('is read as it was written', () => {
    expect(readIdentity(writeIdentity(run))).toEqual(run);
  });

  it('is of no run where it is something else', () => {
    for (const text of ['', 'true', 'aa-11/1/2', 'aa-11/1/2/3/4', 'aa-11/1/x/3']) expect(readIdentity(text)).toBeNull();
  });

  it('of this process is that of a living run', () => {
    const own = ownIdentity();
    expect(own.pid).toBe(process.pid);
    expect(readIdentity(writeIdentity(own))).toEqual(own);
  });
});

describe('a run has ended', () => {
  it('where its process is no more', () => {
    expect(hasEnded(run, seenFrom({}))).toBe(true);
  });

  it('where another process has its number', () => {
    expect(hasEnded(run, seenFrom({ 4711: '9000' }))).toBe(true);
  });

  it('where the machine was started again since', () => {
    expect(hasEnded(run, seenFrom({ 4711: '8000' }, { boot: 'bb-22' }))).toBe(true);
  });

  it('not while its process is there', () => {
    expect(hasEnded(run, seenFrom({ 4711: '8000' }))).toBe(false);
  });

  it('not for certain where its process cannot be seen from here', () => {
    expect(hasEnded(run, seenFrom({}, { pidNamespace: '4026532000' }))).toBe(false);
  });
});

describe("a process's start time", () => {
  const stat = (state: string): string =>
    `4711 (a) b) (c) ${state} 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 8000 20`;

  it('is field 22, whatever the name of the program', () => {
    expect(startTimeIn(stat('S'))).toBe('8000');
  });

  it('is none of a process that only waits for its parent', () => {
    expect(startTimeIn(stat('Z'))).toBeNull();
  });
});
