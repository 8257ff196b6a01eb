import { describe, expect, it } from 'vitest';
import { IMAGE } from './image-recipe.ts';
import { RUN_LABEL, writeIdentity } from './labels.ts';
import { isLeftOver, isOfEndedRun } from './sweep.ts';

const NOW = 1_800_000_000;
const DAY = 86_400;

/** One run lives, with the number 1; all others have ended. */
const here = { boot: 'aa', pidNamespace: '7', startTimeOf: (pid: number) => (pid === 1 ? '5' : null) };
const labelsOf = (pid: number) => ({
  [RUN_LABEL]: writeIdentity({ boot: 'aa', pidNamespace: '7', pid, startTime: '5' }),
});

describe('what is swept', () => {
  it('are containers of ended runs; never those of living ones, nor of others', () => {
    expect(isOfEndedRun(labelsOf(2), here)).toBe(true);
    expect(isOfEndedRun(labelsOf(1), here)).toBe(false);
    expect(isOfEndedRun({}, here)).toBe(false);
    expect(isOfEndedRun({ [RUN_LABEL]: 'mine' }, here)).toBe(false);
  });

  const image = (RepoTags: readonly string[] | null, pid: number, age: number) => ({
    RepoTags,
    Labels: labelsOf(pid),
    Created: NOW - age,
  });

  it('are images that were never finished, once their run has ended', () => {
    expect(isLeftOver(image(null, 2, 10), here, NOW)).toBe(true);
    expect(isLeftOver(image(['<none>:<none>'], 2, 10), here, NOW)).toBe(true);
    expect(isLeftOver(image(null, 1, 10), here, NOW)).toBe(false);
  });

  it('are images of other lists of packages, after a day: another working copy may use them', () => {
    expect(isLeftOver(image(['lvs-conformance:0123456789ab'], 2, DAY + 1), here, NOW)).toBe(true);
    expect(isLeftOver(image(['lvs-conformance:0123456789ab'], 2, DAY - 1), here, NOW)).toBe(false);
  });

  it('is never the image of today, however old', () => {
    expect(isLeftOver(image([IMAGE], 2, 100 * DAY), here, NOW)).toBe(false);
  });
});
