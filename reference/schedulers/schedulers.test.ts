import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ServerPool, type PoolServer } from '../testing/server-pool.ts';
import { OVERHEAD, type Accounting } from './overhead.ts';
import { createScheduler } from './registry.ts';
import { isUsable } from './scheduler.ts';

/** Servers with these counts, the first at the head of the list, and the choice among them. */
function choose(name: string, accounting: Accounting, servers: readonly Partial<PoolServer>[]): number {
  const pool = new ServerPool(name, {}, { accounting });
  [...servers].reverse().forEach((server, index) => {
    pool.add(String(index));
    Object.assign(pool.servers[0] ?? {}, server);
  });
  return pool.servers.findIndex((server) => server === pool.choose());
}

describe('rr', () => {
  test('ipvs-cases D01: begins with the server added last', () => {
    expect(new ServerPool('rr', { RS1: 1, RS2: 1, RS3: 1 }).connect(4)).toBe('RS3 RS2 RS1 RS3');
  });

  test('ipvs-cases D02: leaves out weight 0', () => {
    expect(new ServerPool('rr', { RS1: 1, RS2: 0, RS3: 1 }).connect(3)).toBe('RS3 RS1 RS3');
  });

  test('ipvs-cases D03: when the server chosen last is deleted, its predecessor takes its part', () => {
    const pool = new ServerPool('rr', { RS1: 1, RS2: 1, RS3: 1 });
    pool.connect(1);
    pool.delete('RS3');
    expect(pool.connect(1)).toBe('RS2');
  });

  test('ipvs-cases D04: an added server has its turn after the end of the list', () => {
    const pool = new ServerPool('rr', { RS1: 1, RS2: 1, RS3: 1 });
    pool.connect(1);
    pool.add('RS4');
    expect(pool.connect(4)).toBe('RS2 RS1 RS4 RS3');
  });

  test('ipvs-cases D06: starts anew at the head when it was exchanged in between', () => {
    const pool = new ServerPool('rr', { RS1: 1, RS2: 1, RS3: 1 });
    pool.connect(1);
    pool.change('wrr');
    pool.change('rr');
    expect(pool.connect(1)).toBe('RS3');
  });

  test('before its first choice it begins with whichever server then stands first', () => {
    const pool = new ServerPool('wrr', { RS1: 1, RS2: 1 });
    pool.change('rr');
    pool.add('RS3');
    expect(pool.connect(3)).toBe('RS3 RS2 RS1');
  });

  property.prop([fc.integer({ min: 1, max: 20 }), fc.nat(60)])(
    'chooses each of n servers once in any n choices in a row, always in the same order',
    (size, skip) => {
      const pool = new ServerPool('rr');
      for (let number = 0; number < size; number++) pool.add(`RS${number}`);
      pool.connect(skip);
      const round = pool.connect(size);
      expect(new Set(round.split(' ')).size).toBe(size);
      expect(pool.connect(size)).toBe(round);
    },
  );
});

describe('wrr', () => {
  test('ipvs-cases D07: weights 1, 2, 3 begin with the bar of the first server', () => {
    expect(new ServerPool('wrr', { 11: 1, 12: 2, 13: 3 }).connect(12)).toBe('13 12 11 13 13 12 13 12 11 13 13 12');
  });

  test('ipvs-cases D08: no server where all weights are 0', () => {
    expect(new ServerPool('wrr', { 11: 0, 12: 0 }).connect(2)).toBe('- -');
  });

  const weight = fc.integer({ min: 0, max: 12 });
  const change = fc.oneof(
    fc.record({ kind: fc.constant('add'), weight }),
    fc.record({ kind: fc.constant('delete'), place: fc.nat() }),
    fc.record({ kind: fc.constant('edit'), place: fc.nat(), weight }),
    fc.record({ kind: fc.constant('connect'), count: fc.nat(30) }),
  );

  property.prop([fc.array(change, { maxLength: 30 }), fc.nat(50), fc.constantFrom(1, 7)])(
    'after any changes, one cycle of sum(weight / divisor) choices gives each server weight / divisor',
    (changes, skip, factor) => {
      const pool = new ServerPool('wrr');
      let number = 0;
      const nameAt = (place: number) => pool.servers[place % Math.max(1, pool.servers.length)]?.name ?? 'none';
      for (const change of changes) {
        if ('count' in change) pool.connect(change.count);
        else if ('place' in change && 'weight' in change) pool.edit(nameAt(change.place), change.weight * factor);
        else if ('weight' in change) pool.add(`RS${number++}`, change.weight * factor);
        else if (pool.servers.length > 0) pool.delete(nameAt(change.place));
      }
      const weights = pool.servers.map((server) => server.weight);
      const candidates = Array.from({ length: 12 * factor }, (_, index) => index + 1);
      const divisor = Math.max(...candidates.filter((d) => weights.every((w) => w % d === 0)));
      const total = weights.reduce((sum, w) => sum + w, 0);
      fc.pre(total > 0);
      pool.connect(skip);
      for (const server of pool.servers) server.active = 0;
      pool.connect(total / divisor);
      expect(pool.servers.map((server) => server.active * divisor)).toEqual(weights);
    },
  );
});

describe('lc', () => {
  const pair = [
    { weight: 1, active: 1, inactive: 0, overloaded: false },
    { weight: 1, active: 0, inactive: 256, overloaded: false },
  ];

  test('ipvs-cases D13: a current kernel weighs an active connection as 257 inactive ones', () => {
    expect(choose('lc', 'current', pair)).toBe(1);
  });

  test('ipvs-cases D14: a classic kernel weighs it as 256', () => {
    expect(choose('lc', 'classic', pair)).toBe(0);
  });

  test('ignores weights, and counts UDP connections, which are never active (ip_vs_proto_udp.c)', () => {
    expect(new ServerPool('lc', { 11: 1, 12: 2, 13: 4 }).connect(4, 'inactive')).toBe('13 12 11 13');
  });
});

describe('wlc', () => {
  test('ipvs-cases D10: equal weights', () => {
    expect(new ServerPool('wlc', { 11: 1, 12: 1, 13: 1 }).connect(6)).toBe('13 12 11 13 12 11');
  });

  test('ipvs-cases D11: weights 1, 2, 3', () => {
    expect(new ServerPool('wlc', { 11: 1, 12: 2, 13: 3 }).connect(12)).toBe('13 12 11 13 12 13 13 12 11 13 12 13');
  });

  test('ipvs-cases D21: UDP, weights 1, 2, 4', () => {
    expect(new ServerPool('wlc', { 11: 1, 12: 2, 13: 4 }).connect(10, 'inactive')).toBe(
      '13 12 11 13 13 12 13 13 12 11',
    );
  });

  // n / (n - 1) is more than (n + 1) / n by one part in n², which a double does not hold.
  test('compares exactly where products do not fit a double', () => {
    const n = 2 ** 30;
    const more = { weight: n - 1, active: 0, inactive: n, overloaded: false };
    const less = { weight: n, active: 0, inactive: n + 1, overloaded: false };
    expect(choose('wlc', 'classic', [more, less])).toBe(1);
  });
});

describe('sed', () => {
  test('ipvs-cases D15: weights 1, 2, 3', () => {
    expect(new ServerPool('sed', { 11: 1, 12: 2, 13: 3 }).connect(12)).toBe('13 12 13 13 12 11 13 12 13 13 12 11');
  });

  test('ipvs-cases D20: UDP connections are never active, so the heaviest server has them all', () => {
    expect(new ServerPool('sed', { 11: 1, 12: 2, 13: 4 }).connect(10, 'inactive')).toMatch(/^(13 ?){10}$/);
  });
});

describe('nq', () => {
  test('ipvs-cases D16: weights 1, 2, 3 begin with the idle ones', () => {
    expect(new ServerPool('nq', { 11: 1, 12: 2, 13: 3 }).connect(12)).toBe('13 12 11 13 13 12 13 12 13 13 12 11');
  });

  test('ipvs-cases D19: over UDP all servers are idle for ever, and the first has all', () => {
    expect(new ServerPool('nq', { 11: 1, 12: 2, 13: 4 }).connect(10, 'inactive')).toMatch(/^(13 ?){10}$/);
  });

  property.prop([fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.nat(2)), { maxLength: 6 })])(
    'no connection waits behind another while a server of weight above 0 is idle',
    (servers) => {
      const pool = new ServerPool('nq');
      for (const [weight, active] of servers) {
        pool.add('RS', weight);
        Object.assign(pool.servers[0] ?? {}, { active });
      }
      const isIdle = servers.some(([weight, active]) => weight > 0 && active === 0);
      expect(pool.choose()?.active === 0).toBe(isIdle);
    },
  );
});

describe('fo', () => {
  test('ipvs-cases D17: the greatest weight has all, and after it the next', () => {
    const pool = new ServerPool('fo', { 11: 1, 12: 2, 13: 3 });
    expect(pool.connect(3)).toBe('13 13 13');
    pool.edit('13', 0);
    expect(pool.connect(2)).toBe('12 12');
  });

  test('of equal weights the first in the list', () => {
    expect(new ServerPool('fo', { 11: 3, 12: 3 }).connect(3)).toBe('12 12 12');
  });
});

describe('ovf', () => {
  test('a server takes one active connection more than its weight; then the next; then nobody (`ip_vs_ovf.c`)', () => {
    expect(new ServerPool('ovf', { 11: 1, 12: 2 }).connect(6)).toBe('12 12 12 11 11 -');
  });
});

describe('every scheduler', () => {
  const server = fc.record({
    weight: fc.integer({ min: 0, max: 9 }),
    active: fc.nat(300),
    inactive: fc.nat(300),
    overloaded: fc.boolean(),
  });
  const name = fc.constantFrom('rr', 'wrr', 'lc', 'wlc', 'sed', 'nq', 'fo');
  const choosy = fc.constantFrom('ovf', 'dh', 'sh', 'mh');

  property.prop([name, fc.array(fc.array(server, { maxLength: 6 }), { minLength: 1, maxLength: 8 })])(
    'chooses a server that may take the connection, and none only where there is none',
    (name, lists) => {
      const pool = new ServerPool(name);
      for (const list of lists) {
        while (pool.servers.length > 0) pool.delete(pool.servers[0]?.name ?? '');
        list.forEach((fields, index) => {
          pool.add(`RS${index}`, fields.weight);
          Object.assign(pool.servers[0] ?? {}, fields);
        });
        for (let connection = 0; connection < 12; connection++) {
          const chosen = pool.choose();
          if (chosen === undefined) expect(pool.servers.filter(isUsable)).toEqual([]);
          else expect(isUsable(chosen)).toBe(true);
        }
      }
    },
  );

  property.prop([choosy, fc.array(server, { maxLength: 6 }), fc.nat(7), fc.nat()])(
    'that may refuse chooses none that may not take the connection either',
    (name, list, flags, clientAddress) => {
      const pool = new ServerPool(name, {}, { flags });
      list.forEach((fields, index) => {
        pool.add(`RS${index}`, fields.weight);
        Object.assign(pool.servers[0] ?? {}, fields);
      });
      const chosen = pool.choose({ clientAddress: clientAddress >>> 0 });
      expect(chosen === undefined || isUsable(chosen)).toBe(true);
    },
  );

  property.prop([fc.constantFrom('lc', 'wlc', 'sed'), fc.array(server, { minLength: 1, maxLength: 8 })])(
    'by load: no usable server has less load, and none before the chosen one has as little',
    (name, list) => {
      const pool = new ServerPool(name);
      for (const fields of list) {
        pool.add('RS', fields.weight);
        Object.assign(pool.servers[0] ?? {}, fields);
      }
      const load = (s: PoolServer) =>
        name === 'sed' ? (s.active + 1) / s.weight : OVERHEAD.current(s) / (name === 'wlc' ? s.weight : 1);
      const usable = pool.servers.filter(isUsable);
      const least = Math.min(...usable.map(load));
      expect(pool.choose()).toBe(usable.find((s) => load(s) === least));
    },
  );
});

describe('createScheduler', () => {
  const setting = {
    overhead: OVERHEAD.current,
    servers: [],
    flags: 0,
    host: { now: () => 0, expiration: () => 0, random: () => 0 },
  };

  test('knows no scheduler that the kernel does not know', () => {
    expect(createScheduler('nonsense', setting)).toBeUndefined();
  });
});
