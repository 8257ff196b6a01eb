import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Accounting } from '../schedulers/overhead.ts';
import { RoundRobin } from '../schedulers/rr.ts';
import { OVERLOAD } from './overload.ts';
import { RealServer } from './real-server.ts';
import { VirtualService } from './virtual-service.ts';

const RR = { scheduler: 'rr', schedulerFlags: 0, persistence: undefined, onePacket: false, engine: '' };
const IPIP = { type: 'ipip', port: 0, checksum: 'none' } as const;

function server(accounting: Accounting, upperThreshold: number, lowerThreshold: number): RealServer {
  const scheduler = new RoundRobin<RealServer>();
  const service = new VirtualService({ protocol: 6, address: 0x0a000064, port: 80, fwmark: 0 }, RR, scheduler);
  return new RealServer(
    0,
    service,
    { address: 0xc0a8010b, port: 80 },
    limits(upperThreshold, lowerThreshold),
    OVERLOAD[accounting],
  );
}

function limits(upperThreshold: number, lowerThreshold: number) {
  return { method: 'nat', weight: 1, upperThreshold, lowerThreshold, tunnel: IPIP } as const;
}

describe.each(['classic', 'current'] as const)('overload, %s', (accounting) => {
  // Seen on running kernels of both kinds.
  test.each([
    [3, 1, 0],
    [3, 2, 1],
    [3, 0, 2],
    [4, 0, 2],
    [8, 0, 5],
    [1, 0, 0],
  ])('with -x %i -y %i a full server takes connections again at %i left', (upper, lower, left) => {
    const full = server(accounting, upper, lower);
    const totals: number[] = [];
    for (let bound = 0; bound < upper; bound++) {
      expect(full.overloaded).toBe(false);
      full.bind();
    }
    while (full.total > 0) {
      if (full.overloaded) totals.push(full.total);
      full.unbind(false);
    }
    expect(Math.min(...totals)).toBe(left + 1);
  });

  const change = fc.oneof(
    fc.constantFrom('bind', 'unbind').map((what) => ({ what, upper: 0, lower: 0 })),
    fc.record({ what: fc.constant('edit'), upper: fc.nat(6), lower: fc.nat(6) }),
  );
  property.prop([fc.array(change, { maxLength: 60 })])('no upper threshold, no overload', (changes) => {
    const unlimited = server(accounting, 0, 0);
    for (const { what } of changes) {
      if (what === 'bind') unlimited.bind();
      if (what === 'unbind' && unlimited.total > 0) unlimited.unbind(false);
      expect(unlimited.overloaded).toBe(false);
    }
  });

  property.prop([fc.integer({ min: 1, max: 20 }), fc.nat(20), fc.array(fc.boolean(), { maxLength: 200 })])(
    'while thresholds stand still: overloaded at the upper one, not below the lower one, unchanged in between',
    (upper, below, steps) => {
      const lower = Math.min(below, upper);
      const limited = server(accounting, upper, lower);
      let before = false;
      for (const bind of steps) {
        if (bind && !limited.overloaded) limited.bind();
        else if (limited.total > 0) limited.unbind(false);
        if (limited.total >= upper) expect(limited.overloaded).toBe(true);
        else if (lower === 0 ? limited.total * 4 < upper * 3 : limited.total < lower)
          expect(limited.overloaded).toBe(false);
        else expect(limited.overloaded).toBe(before);
        before = limited.overloaded;
      }
    },
  );
});

describe('editing thresholds', () => {
  // Thresholds edited under load, on both kinds: u = 2, fill to 2, u = 4, fill to 4, u = 2, u = 5; a new connection then.
  test.each([
    ['classic', false],
    ['current', true],
  ] as const)('2 full, 4 full, 2, 5: %s leaves the server overloaded: %s', (accounting, overloaded) => {
    const edited = server(accounting, 2, 0);
    edited.bind();
    edited.bind();
    edited.edit(limits(4, 0));
    expect(edited.overloaded).toBe(false);
    edited.bind();
    edited.bind();
    expect(edited.overloaded).toBe(true);
    edited.edit(limits(2, 0));
    edited.edit(limits(5, 0));
    expect(edited.overloaded).toBe(overloaded);
  });

  test('current: a limit below what is there takes effect at once, classic: at the next connection', () => {
    const now = server('current', 0, 0);
    const later = server('classic', 0, 0);
    for (const one of [now, later]) {
      one.bind();
      one.bind();
      one.edit(limits(1, 0));
    }
    expect([now.overloaded, later.overloaded]).toEqual([true, false]);
    later.bind();
    expect(later.overloaded).toBe(true);
  });

  test.each(['classic', 'current'] as const)('%s: without a limit there is no overload', (accounting) => {
    const freed = server(accounting, 1, 0);
    freed.bind();
    freed.edit(limits(0, 0));
    expect(freed.overloaded).toBe(false);
  });
});
