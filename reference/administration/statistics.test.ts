import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Estimator } from './estimator.ts';
import { Statistics } from './statistics.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('in' as const), bytes: fc.integer({ min: 20, max: 65535 }) }),
  fc.record({ kind: fc.constant('out' as const), bytes: fc.integer({ min: 20, max: 65535 }) }),
  fc.record({ kind: fc.constant('connection' as const) }),
  fc.record({ kind: fc.constant('estimate' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

function statisticsAfter(steps: readonly Step[]): Statistics {
  const statistics = new Statistics();
  for (const one of steps) {
    if (one.kind === 'in') statistics.countIn(one.bytes);
    else if (one.kind === 'out') statistics.countOut(one.bytes);
    else if (one.kind === 'connection') statistics.countConnection();
    else statistics.estimate(1);
  }
  return statistics;
}

describe('statistics', () => {
  property.prop([fc.array(step)])('show everything that was counted before the last estimation', (steps) => {
    const seen = steps.slice(0, steps.findLastIndex(({ kind }) => kind === 'estimate') + 1);
    const bytes = (kind: 'in' | 'out') => seen.reduce((total, one) => total + (one.kind === kind ? one.bytes : 0), 0);
    const times = (kind: Step['kind']) => seen.filter((one) => one.kind === kind).length;
    expect(statisticsAfter(steps).totals).toEqual({
      connections: times('connection'),
      inPackets: times('in'),
      outPackets: times('out'),
      inBytes: bytes('in'),
      outBytes: bytes('out'),
    });
  });

  property.prop([fc.array(step)])('begin anew with zero, whatever was before', (steps) => {
    const statistics = statisticsAfter([...steps, { kind: 'estimate' }]);
    statistics.zero();
    const nothing = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
    expect([statistics.totals, statistics.rates]).toEqual([nothing, nothing]);
    statistics.countIn(40);
    statistics.estimate(1);
    expect(statistics.totals).toMatchObject({ inPackets: 1, inBytes: 40 });
  });

  property.prop([fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 20, max: 1500 })])(
    'come to the rate that lasts, and to nothing when it ends',
    (packetsPerSecond, bytes) => {
      const statistics = new Statistics();
      for (let time = 0; time < 200; time++) {
        for (let packet = 0; packet < 2; packet++) statistics.countIn(bytes * packetsPerSecond);
        statistics.estimate(1);
      }
      const { inPackets, inBytes } = statistics.rates;
      expect(inPackets).toBe(1);
      // The average ends less than four of its units of 1/32 below what lasts.
      expect(Math.abs(inBytes - bytes * packetsPerSecond)).toBeLessThanOrEqual(1);
      statistics.estimate(1_000_000_000);
      expect(statistics.rates).toMatchObject({ inPackets: 0, inBytes: 0 });
    },
  );
});

test('time that passes at once estimates as often as time that passes in steps', () => {
  const [atOnce, inSteps] = [new Statistics(), new Statistics()];
  const estimators = [atOnce, inSteps].map(
    (statistics) =>
      new Estimator(
        () => [statistics],
        () => true,
      ),
  );
  for (const statistics of [atOnce, inSteps]) for (let packet = 0; packet < 1000; packet++) statistics.countIn(1500);
  estimators[0]?.pass(13_000);
  for (let now = 0; now <= 13_000; now += 250) estimators[1]?.pass(now);
  expect(inSteps.rates).toEqual(atOnce.rates);
  expect(atOnce.rates.inPackets).toBeGreaterThan(0);
});

test('nothing is estimated before two seconds have passed, nor while estimation is off', () => {
  let isOn = true;
  const statistics = new Statistics();
  const estimator = new Estimator(
    () => [statistics],
    () => isOn,
  );
  statistics.countConnection();
  estimator.pass(1999);
  expect(statistics.totals.connections).toBe(0);
  isOn = false;
  estimator.pass(2000);
  expect(statistics.totals.connections).toBe(0);
  isOn = true;
  estimator.pass(4000);
  expect(statistics.totals.connections).toBe(1);
});
