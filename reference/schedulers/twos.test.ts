import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ServerPool, type PoolServer } from '../testing/server-pool.ts';
import { PowerOfTwoChoices } from './twos.ts';
import { OVERHEAD } from './overhead.ts';

/** The choice where the lots fall so; servers as the pool lists them, the last one added first. */
function choice(
  weights: Readonly<Record<string, number>>,
  lots: readonly number[],
  active: Record<string, number> = {},
) {
  const pool = new ServerPool('rr', weights);
  for (const server of pool.servers) server.active = active[server.name] ?? 0;
  const left = [...lots];
  const limits: number[] = [];
  const twos = new PowerOfTwoChoices<PoolServer>(OVERHEAD.classic, (limit) => {
    limits.push(limit);
    return left.shift() ?? 0;
  });
  return { name: twos.choose(pool.servers)?.name, limits };
}

describe('twos', () => {
  test('draws two lots from 0 to the sum of the weights (ip_vs_twos.c:ip_vs_twos_schedule)', () => {
    expect(choice({ a: 1, b: 2, c: 0 }, [0, 0]).limits).toEqual([4, 4]);
  });

  test.each([
    [0, 'c'],
    [3, 'c'],
    [4, 'b'],
    [5, 'b'],
    [6, 'a'],
  ])('a lot of %d is for %s, of c, b, a with weights 3, 2, 1', (lot, name) => {
    expect(choice({ a: 1, b: 2, c: 3 }, [lot, lot]).name).toBe(name);
  });

  test('the second takes it where it is less loaded for its weight, the first where both are alike', () => {
    expect(choice({ a: 1, b: 1 }, [0, 2]).name).toBe('b');
    expect(choice({ a: 1, b: 1 }, [0, 2], { b: 1 }).name).toBe('a');
    expect(choice({ a: 1, b: 1 }, [2, 0], { b: 1 }).name).toBe('a');
    expect(choice({ a: 2, b: 1 }, [0, 2], { a: 2, b: 1 }).name).toBe('b');
  });

  test('servers of weight 0 and overloaded ones get nothing; without others there is none', () => {
    const pool = new ServerPool('twos', { a: 0, b: 1 });
    expect(pool.connect(5, 'inactive')).toBe('b b b b b');
    for (const server of pool.servers) server.overloaded = true;
    expect(pool.choose()).toBeUndefined();
    expect(new ServerPool('twos').choose()).toBeUndefined();
  });

  property.prop([fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 6 })])(
    'loads servers by their weights',
    (weights) => {
      const pool = new ServerPool('twos', Object.fromEntries(weights.map((weight, index) => [`s${index}`, weight])));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      pool.connect(50 * total);
      for (const { weight, active } of pool.servers) {
        // Two choices keep every server within a few connections of its share (Mitzenmacher: log log n over log 2).
        expect(Math.abs(active - 50 * weight)).toBeLessThanOrEqual(10 * Math.sqrt(weight) + 15);
      }
    },
  );
});
