import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { NONE, RECORD } from './connection-record.ts';
import { ExpiryRing } from './expiry-ring.ts';

const RECORDS = 12;
const DAY = 86_400_000;

class Timers {
  readonly ring = new ExpiryRing();
  readonly view = new DataView(new ArrayBuffer(RECORDS * RECORD.size));

  constructor() {
    for (let record = 0; record < RECORDS; record++) {
      this.view.setInt32(record * RECORD.size + RECORD.timerSlot, NONE, true);
    }
  }

  arm(connection: number, expires: number): void {
    this.ring.arm(this.view, connection, expires);
  }
  remove(connection: number): void {
    this.ring.remove(this.view, connection);
  }
  due(now: number): number[] {
    return this.ring.due(this.view, now);
  }
}

const connection = fc.nat(RECORDS - 1);
// Instants and leases of every size that matters: within a second, a slot's edges, the ring's length (4096 s), days.
const span = fc.oneof(
  fc.nat(3000),
  fc.integer({ min: 0, max: 130 }).map((seconds) => seconds * 1000),
  fc.nat(9_000_000),
  fc.constantFrom(4_095_000, 4_096_000, 4_097_000, 8_192_000, 10 * DAY, 49 * DAY),
);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('arm' as const), connection, span }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), connection }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('advance' as const), span }) },
);

describe('the expiry ring', () => {
  property.prop([fc.array(step, { maxLength: 80, size: 'max' })], { numRuns: 300 })(
    'takes out exactly what is due, the earliest first: nothing early, nothing late',
    (steps) => {
      const timers = new Timers();
      const armed = new Map<number, number>();
      let now = 0;
      for (const step of steps) {
        if (step.kind === 'arm') {
          timers.arm(step.connection, now + step.span);
          armed.set(step.connection, now + step.span);
        } else if (step.kind === 'remove') {
          timers.remove(step.connection);
          armed.delete(step.connection);
        } else {
          now += step.span;
          const expected = [...armed].filter(([, expires]) => expires <= now);
          const due = timers.due(now);
          expect(due.map((connection) => armed.get(connection))).toEqual(
            expected.map(([, expires]) => expires).sort((a, b) => a - b),
          );
          expect(new Set(due)).toEqual(new Set(expected.map(([connection]) => connection)));
          for (const connection of due) armed.delete(connection);
        }
      }
    },
  );

  test('a timer re-armed for every packet of ten hours ends one lease after the last', () => {
    const timers = new Timers();
    for (let now = 0; now <= 36_000_000; now += 7_000) {
      expect(timers.due(now)).toEqual([]);
      timers.arm(3, now + 900_000);
    }
    const last = 36_000_000 - (36_000_000 % 7_000);
    expect(timers.due(last + 899_999)).toEqual([]);
    expect(timers.due(last + 900_000)).toEqual([3]);
  });

  test('a long lease cut short ends when the short one does, long after the last sweep', () => {
    const timers = new Timers();
    timers.arm(0, 10 * DAY);
    timers.arm(0, 4_500_000);
    expect(timers.due(4_499_999)).toEqual([]);
    expect(timers.due(4_500_000)).toEqual([0]);
  });
});
