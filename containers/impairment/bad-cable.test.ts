import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Impairment } from '../lab/link.ts';
import { BadCable, LONGEST_HOLD, MOST_OVERTAKING } from './bad-cable.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const impairments = fc.record({ loss: share, reorder: share, duplicate: share, seed: fc.integer() });
/** Milliseconds between one frame and the next. */
const gaps = fc.array(fc.double({ min: 0, max: 2 * LONGEST_HOLD, noNaN: true }), { maxLength: 100 });

interface Sent {
  readonly number: number;
  readonly at: number;
}

/** Numbered frames with these gaps between them, each released in time; what left, in order. */
function through(impairment: Impairment, gapsBetween: readonly number[]): { sent: Sent[]; entered: number[] } {
  const cable = new BadCable(impairment);
  const sent: Sent[] = [];
  const entered: number[] = [];
  let now = 0;
  const send = (frame: Uint8Array): void => void sent.push({ number: frame[0] ?? -1, at: now });
  const releaseUntil = (instant: number): void => {
    while (cable.nextDue <= instant) {
      now = cable.nextDue;
      cable.release(now, send);
    }
    now = instant;
  };
  gapsBetween.forEach((gap, number) => {
    releaseUntil(now + gap);
    entered.push(now);
    const frame = new Uint8Array([number]);
    cable.enter(frame, now, send);
    // The caller's memory is its own again.
    frame.fill(255);
  });
  releaseUntil(now + LONGEST_HOLD);
  return { sent, entered };
}

function shareOf(impairment: Omit<Impairment, 'seed'>, count: (sent: readonly Sent[]) => number): number {
  const back = Array.from({ length: 200 }, () => 0);
  const counts = Array.from({ length: 50 }, (_, seed) => count(through({ ...impairment, seed }, back).sent));
  return counts.reduce((sum, each) => sum + each, 0) / (50 * back.length);
}

describe('a bad cable', () => {
  property.prop([fc.integer(), gaps])('is a good one where all shares are 0', (seed, gapsBetween) => {
    const { sent, entered } = through({ seed }, gapsBetween);
    expect(sent).toEqual(entered.map((at, number) => ({ number, at })));
  });

  property.prop([impairments, gaps])('does the same to the same frames again', (impairment, gapsBetween) => {
    expect(through(impairment, gapsBetween)).toEqual(through(impairment, gapsBetween));
  });

  property.prop([impairments, gaps])('invents nothing: each frame leaves twice at most', (impairment, gapsBetween) => {
    const { sent, entered } = through(impairment, gapsBetween);
    const counts = entered.map((_, number) => sent.filter((each) => each.number === number).length);
    expect(Math.max(0, ...counts)).toBeLessThanOrEqual(impairment.duplicate === 0 ? 1 : 2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(sent.length);
  });

  property.prop([impairments, gaps])('holds no frame longer than its bound', (impairment, gapsBetween) => {
    const { sent, entered } = through(impairment, gapsBetween);
    for (const { number, at } of sent) expect(at - (entered[number] ?? -1)).toBeLessThanOrEqual(LONGEST_HOLD + 1e-6);
  });

  property.prop([share, fc.integer(), gaps])(
    'loses and doubles nothing by reordering',
    (reorder, seed, gapsBetween) => {
      const { sent, entered } = through({ reorder, seed }, gapsBetween);
      expect(sent.map(({ number }) => number).sort((a, b) => a - b)).toEqual([...entered.keys()]);
    },
  );

  property.prop([share, fc.integer()])('lets a held frame be overtaken by a few at most', (reorder, seed) => {
    const { sent } = through({ reorder, seed }, new Array<number>(100).fill(0));
    sent.slice(0, -1).forEach(({ number }, place) => {
      const isHeldBack = sent.slice(0, place).some((other) => other.number > number);
      // Those that were held back themselves do not count: they did not pass in its stead.
      const overtaking = sent.slice(0, place).filter((other, index) => {
        const wasHeld = sent.slice(0, index).some((earlier) => earlier.number > other.number);
        return other.number > number && !wasHeld;
      });
      if (isHeldBack && sent[place]?.at === 0) expect(overtaking.length).toBeLessThanOrEqual(MOST_OVERTAKING);
    });
  });

  test('loses all or doubles all where the share is 1', () => {
    expect(through({ loss: 1, seed: 3 }, [1, 1, 1]).sent).toEqual([]);
    expect(through({ duplicate: 1, seed: 3 }, [1, 1]).sent.map(({ number }) => number)).toEqual([0, 0, 1, 1]);
  });

  test('loses, doubles and reorders the share that it is asked for, whatever the seeds', () => {
    expect(1 - shareOf({ loss: 0.1 }, (sent) => sent.length)).toBeCloseTo(0.1, 1);
    expect(shareOf({ duplicate: 0.1 }, (sent) => sent.length) - 1).toBeCloseTo(0.1, 1);
    const late = (sent: readonly Sent[]): number =>
      sent.filter(({ number }, place) => number < Math.max(-1, ...sent.slice(0, place).map((each) => each.number)))
        .length;
    expect(shareOf({ reorder: 0.1 }, late)).toBeCloseTo(0.1, 1);
  });

  property.prop([impairments])('loses the same frames whatever else befalls others', (impairment) => {
    const back = new Array<number>(100).fill(1);
    const numbers = (each: Impairment): Set<number> => new Set(through(each, back).sent.map(({ number }) => number));
    expect(numbers(impairment)).toEqual(numbers({ loss: impairment.loss, seed: impairment.seed }));
  });
});
