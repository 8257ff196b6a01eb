import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Clock } from './clock.ts';

describe('the clock', () => {
  property.prop([
    fc.array(fc.record({ delay: fc.nat(50), cancelled: fc.boolean() }), { maxLength: 30 }),
    fc.array(fc.nat(20), { maxLength: 10 }),
  ])(
    'runs every task once at its instant, in order of time, then of scheduling; a cancelled one never',
    (plans, leaps) => {
      const clock = new Clock();
      const ran: { index: number; at: number }[] = [];
      const tasks = plans.map(({ delay }, index) => clock.schedule(delay, () => ran.push({ index, at: clock.now })));
      tasks.forEach((task, index) => {
        if (plans[index]?.cancelled === true) clock.cancel(task);
      });
      for (const leap of leaps) clock.advance(leap, () => undefined);
      const end = leaps.reduce((total, leap) => total + leap, 0);
      const expected = plans
        .map(({ delay, cancelled }, index) => ({ index, at: delay, cancelled }))
        .filter(({ at, cancelled }) => !cancelled && leaps.length > 0 && at <= end)
        .sort((a, b) => a.at - b.at)
        .map(({ index, at }) => ({ index, at }));
      expect(ran).toEqual(expected);
      expect(clock.now).toBe(end);
    },
  );

  test('a task may schedule others: those due within the same leap run in it, at their own instants', () => {
    const clock = new Clock();
    const ran: [string, number][] = [];
    const tick = (): void => {
      ran.push(['tick', clock.now]);
      if (clock.now < 40) clock.schedule(10, tick);
    };
    clock.schedule(10, tick);
    clock.schedule(20, () => ran.push(['other', clock.now]));
    clock.advance(100, () => undefined);
    expect(ran).toEqual([
      ['tick', 10],
      ['other', 20],
      ['tick', 20],
      ['tick', 30],
      ['tick', 40],
    ]);
  });

  test('a task may cancel one of the same instant', () => {
    const clock = new Clock();
    let ran = false;
    clock.schedule(10, () => clock.cancel(second));
    const second = clock.schedule(10, () => (ran = true));
    clock.advance(10, () => undefined);
    expect(ran).toBe(false);
  });

  property.prop([fc.array(fc.nat(100), { maxLength: 10 }), fc.nat(100)])(
    'says each instant at which something may happen, in order, before it happens, and the end',
    (delays, leap) => {
      const clock = new Clock();
      const heard: string[] = [];
      for (const delay of delays) clock.schedule(delay, () => heard.push(`task ${clock.now}`));
      clock.advance(leap, (now) => {
        expect(now).toBe(clock.now);
        heard.push(`pass ${now}`);
      });
      const due = delays.filter((delay) => delay <= leap).sort((a, b) => a - b);
      expect(heard).toEqual([...due.flatMap((at) => [`pass ${at}`, `task ${at}`]), `pass ${leap}`]);
    },
  );
});
