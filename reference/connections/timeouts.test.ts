import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import kernel from './tcp-states.kernel-6.1.json' with { type: 'json' };
import { TCP_STATE, TCP_STATE_NAMES } from './tcp-states.ts';
import { NEW_CONNECTION_TIMEOUT, Timeouts } from './timeouts.ts';

const byState = (timeouts: Timeouts) =>
  Object.fromEntries(TCP_STATE_NAMES.map((name) => [name, timeouts.tcp(TCP_STATE[name])]));

describe('timeouts', () => {
  test('of profile linux are those of a running kernel', () => {
    expect(byState(new Timeouts('linux'))).toEqual(kernel.timeouts);
    expect(new Timeouts('linux').udp).toBe(300);
  });

  test('of profile paper: SYN 1 minute, ESTABLISHED 15, FIN 1, UDP 5 (paper P15)', () => {
    const paper = new Timeouts('paper');
    expect(byState(paper)).toMatchObject({ SYN_SENT: 60, SYN_RECV: 60, ESTABLISHED: 900 });
    expect(byState(paper)).toMatchObject({ FIN_WAIT: 60, CLOSE_WAIT: 60, LAST_ACK: 60, TIME_WAIT: 60 });
    expect(paper.udp).toBe(300);
  });

  test('a new entry has 3 seconds', () => {
    expect(NEW_CONNECTION_TIMEOUT).toBe(kernel.newConnectionTimeout);
  });

  test('ipvs-cases C25, C26: --set 100 50 30, then --set 0 0 7', () => {
    const timeouts = new Timeouts('linux');
    timeouts.set({ tcp: 100, tcpFin: 50, udp: 30 });
    expect(timeouts.tcp(TCP_STATE.SYN_RECV)).toBe(60);
    timeouts.set({ tcp: 0, tcpFin: 0, udp: 7 });
    expect([timeouts.tcp(TCP_STATE.ESTABLISHED), timeouts.tcp(TCP_STATE.FIN_WAIT), timeouts.udp]).toEqual([100, 50, 7]);
  });

  const seconds = fc.integer({ min: 0, max: 86400 * 31 });
  property.prop([fc.constantFrom('linux', 'paper'), seconds, seconds, seconds])(
    '--set changes ESTABLISHED, FIN_WAIT and UDP alone, and 0 changes nothing',
    (profile, tcp, tcpFin, udp) => {
      const timeouts = new Timeouts(profile);
      const before = { ...byState(timeouts), UDP: timeouts.udp };
      timeouts.set({ tcp, tcpFin, udp });
      expect({ ...byState(timeouts), UDP: timeouts.udp }).toEqual({
        ...before,
        ...(tcp > 0 && { ESTABLISHED: tcp }),
        ...(tcpFin > 0 && { FIN_WAIT: tcpFin }),
        ...(udp > 0 && { UDP: udp }),
      });
    },
  );

  property.prop([fc.constantFrom('linux', 'paper'), fc.constantFrom(...TCP_STATE_NAMES)])(
    'every state ends some day',
    (profile, state) => {
      expect(new Timeouts(profile).tcp(TCP_STATE[state])).toBeGreaterThan(0);
    },
  );
});
