import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { ServerPool, type PoolServer } from '../testing/server-pool.ts';

const HOUR = 3_600_000;

function server(pool: ServerPool, name: string): PoolServer {
  const found = pool.servers.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no server ${name}`);
  return found;
}

/** Which server the one destination has, without a connection. */
const chosen = (pool: ServerPool): string | undefined => pool.choose()?.name;

describe.each(['lblc', 'lblcr'])('%s', (name) => {
  test('ipvs-cases D32: a destination stays until its server is crowded and another has less than half its weight', () => {
    const pool = new ServerPool(name, { 11: 3, 12: 3 });
    // 12 takes connections until it has one more than its weight.
    expect(pool.connect(5)).toBe('12 12 12 12 11');
  });

  test('it stays with a crowded server while no other has less than half', () => {
    const pool = new ServerPool(name, { 11: 3, 12: 3 });
    server(pool, '11').active = 2;
    expect(pool.connect(6)).toBe('12 12 12 12 12 12');
  });

  test('other destinations get the least loaded server', () => {
    const pool = new ServerPool(name, { 11: 5, 12: 5 });
    expect(pool.connect(2)).toBe('12 12');
    expect(pool.connect(2, 'active', { destinationAddress: 0x0a000065 })).toBe('11 11');
    expect(pool.connect(1)).toBe('12');
  });

  test('a server that was removed and added again is the one remembered', () => {
    const pool = new ServerPool(name, { 11: 5, 12: 5, 13: 5 });
    server(pool, '12').inactive = 1;
    server(pool, '13').inactive = 2;
    expect(chosen(pool)).toBe('11');
    pool.delete('11');
    pool.add('11', 5);
    server(pool, '11').inactive = 9;
    expect(chosen(pool)).toBe('11');
  });

  test.each(['removed', 'of weight 0'])('a server %s is left', (how) => {
    const pool = new ServerPool(name, { 11: 5, 12: 5 });
    expect(chosen(pool)).toBe('12');
    if (how === 'removed') pool.delete('12');
    else pool.edit('12', 0);
    expect(chosen(pool)).toBe('11');
  });

  test('what was unused for the expiration is forgotten at the next half hour, not before', () => {
    const pool = new ServerPool(name, { 11: 5, 12: 5 });
    pool.expiration = 7200;
    pool.now = 1000;
    expect(chosen(pool)).toBe('12');
    server(pool, '12').inactive = 1;
    // Two hours later the last half hour that was full, at 2 h, found it one second too young.
    pool.now = 1000 + 2.4 * HOUR;
    expect(chosen(pool)).toBe('12');
    pool.now += 2.4 * HOUR;
    expect(chosen(pool)).toBe('11');
  });

  property.prop([fc.array(fc.constantFrom('connect', 'wait', 'end'), { maxLength: 40 })])(
    'while nothing expires, closes crowd out nor servers change, one destination has one server',
    (steps) => {
      const pool = new ServerPool(name, { 11: 50, 12: 50, 13: 50 });
      const first = chosen(pool);
      for (const step of steps) {
        if (step === 'wait') pool.now += HOUR / 2;
        if (step === 'end') for (const each of pool.servers) each.active = 0;
        if (step === 'connect') expect(pool.connect(1)).toBe(first);
      }
    },
  );
});

test('lblc: a threshold does not part a destination from its server', () => {
  const pool = new ServerPool('lblc', { 11: 5, 12: 5 });
  expect(chosen(pool)).toBe('12');
  server(pool, '12').overloaded = true;
  expect(chosen(pool)).toBe('12');
});

describe('lblcr', () => {
  test('ipvs-cases D33: the least loaded server joins the set when its servers are crowded', () => {
    const pool = new ServerPool('lblcr', { 11: 2, 12: 2 });
    expect(pool.connect(4)).toBe('12 12 12 11');
    // Both are members now. The one that joined last stands first, so of equals 11 is chosen.
    expect(pool.connect(4)).toBe('11 11 11 12');
  });

  test('a threshold lets another server join', () => {
    const pool = new ServerPool('lblcr', { 11: 5, 12: 5 });
    expect(chosen(pool)).toBe('12');
    server(pool, '12').overloaded = true;
    expect(chosen(pool)).toBe('11');
  });

  test('a set unchanged for the expiration gives up its most loaded server', () => {
    const pool = new ServerPool('lblcr', { 11: 2, 12: 2 });
    pool.expiration = 100;
    pool.connect(4);
    server(pool, '12').active = 1;
    server(pool, '11').active = 2;
    pool.now = 100_000;
    expect(chosen(pool)).toBe('12');
    pool.now = 100_001;
    expect(chosen(pool)).toBe('12');
    // 11 is no member any more: less load does not bring it back.
    server(pool, '11').active = 0;
    expect(chosen(pool)).toBe('12');
  });
});
