import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { SequenceAdjustment } from './sequence-adjustment.ts';

describe('sequence adjustment', () => {
  test('ipvs-cases H01 to H03: 5001 shrinks by two, what comes after is two less, what is acknowledged two more', () => {
    const server = new SequenceAdjustment();
    server.resize(5001, -2);
    expect(server.sequence(5001)).toBe(5001);
    expect(server.sequence(5051)).toBe(5049);
    expect(server.acknowledgement(5049)).toBe(5051);
    expect(server.acknowledgement(5001)).toBe(5001);
  });

  test('without a change every number stays, and there is nothing to do', () => {
    const untouched = new SequenceAdjustment();
    expect(untouched.isActive).toBe(false);
    for (const number of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
      expect(untouched.sequence(number)).toBe(number);
      expect(untouched.acknowledgement(number)).toBe(number);
    }
  });

  test('a change at or before the last one is a retransmission and counts for nothing (nf_ct_seqadj_set)', () => {
    const adjustment = new SequenceAdjustment();
    adjustment.resize(1000, 3);
    adjustment.resize(1000, 3);
    adjustment.resize(900, 5);
    expect(adjustment.sequence(2000)).toBe(2003);
  });

  const segment = fc.record({
    length: fc.integer({ min: 1, max: 200 }),
    difference: fc.integer({ min: -40, max: 40 }),
  });
  property.prop([
    fc.nat(2 ** 32 - 1),
    fc.array(segment, { maxLength: 30 }),
    fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  ])(
    'two ends of a connection whose segments are resized see one stream without gaps, and its acknowledgements',
    (initial, segments, resent) => {
      const adjustment = new SequenceAdjustment();
      let sent = initial;
      let received = initial;
      segments.forEach(({ length, difference }, index) => {
        // No segment vanishes: at least one byte is left of each.
        const growth = Math.max(difference, 1 - length);
        if (growth !== 0) adjustment.resize(sent, growth);
        expect(adjustment.sequence(sent)).toBe(received);
        // Sent again, it is where it was.
        if (resent[index] === true) expect(adjustment.sequence(sent)).toBe(received);
        sent = (sent + length) >>> 0;
        received = (received + length + growth) >>> 0;
        // The receiver has all; the sender hears exactly that.
        expect(adjustment.acknowledgement(received)).toBe(sent);
      });
      expect(adjustment.sequence(sent)).toBe(received);
    },
  );
});
