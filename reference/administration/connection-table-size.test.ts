import { describe, expect, test } from 'vitest';
import { ConnectionTableSize } from './connection-table-size.ts';

describe('the buckets of the connection table', () => {
  // Read from Linux 7.2.7 as connections came and went, in this order: connections, size.
  test.each([
    [
      [0, 256],
      [64, 256],
      [65, 512],
      [128, 512],
      [129, 1024],
      [256, 1024],
      [257, 2048],
      [557, 4096],
      [1057, 4096],
      [40, 512],
      [0, 256],
      [200, 1024],
    ] as const,
  ])('are as many as a newer kernel shows', (...shown) => {
    const table = new ConnectionTableSize('grows');
    expect(table.now(0, 0)).toBe(0);
    expect(shown.map(([connections]) => table.now(1, connections))).toEqual(shown.map(([, size]) => size));
    expect(table.now(0, 200), 'without services').toBe(1024);
  });

  test('are 4096 in an older one', () => {
    const table = new ConnectionTableSize('fixed');
    expect([table.now(0, 0), table.now(1, 100_000)]).toEqual([4096, 4096]);
  });
});
