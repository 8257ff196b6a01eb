import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { buildPacket } from '../wire/build-packet.ts';
import { chunk, ip, sctp, type Layer } from '../wire/layer.ts';
import { SCTP_EVENT, SCTP_STATE, SCTP_STATE_NAMES, sctpEvent } from './sctp-states.ts';
import { SCTP_TABLES } from './sctp-tables.ts';
import { compileTables, DIRECTION, nextState } from './state-machine.ts';

const machine = compileTables(SCTP_TABLES);
const number = (limit: number) => fc.nat(limit - 1);
const directions = Object.values(DIRECTION);
const events = Object.values(SCTP_EVENT);

/** The states of an association, by direction and event. */
function life(...steps: readonly (readonly [keyof typeof DIRECTION, keyof typeof SCTP_EVENT])[]): string[] {
  let state: number = SCTP_STATE.NONE;
  return steps.map(([direction, event]) => {
    state = nextState(machine, DIRECTION[direction], SCTP_EVENT[event], state);
    return SCTP_STATE_NAMES[state] ?? `no state ${state}`;
  });
}

describe('SCTP states', () => {
  test('are numbered by their places', () => {
    expect(Object.entries(SCTP_STATE)).toEqual(SCTP_STATE_NAMES.map((name, state) => [name, state]));
  });

  property.prop([fc.array(fc.tuple(fc.constantFrom(...directions), fc.constantFrom(...events)), { maxLength: 60 })])(
    'never leave the table, nor come back to NONE',
    (steps) => {
      let state: number = SCTP_STATE.NONE;
      for (const [direction, event] of steps) {
        state = nextState(machine, direction, event, state);
        expect(SCTP_STATE_NAMES[state]).toBeDefined();
        expect(state).not.toBe(SCTP_STATE.NONE);
      }
    },
  );

  property.prop([number(14), fc.constantFrom(...directions)])(
    'end with an ABORT, whatever they are',
    (state, direction) => {
      const after = nextState(machine, direction, SCTP_EVENT.ABORT, state);
      expect([SCTP_STATE.CLOSED, SCTP_STATE.REJECTED]).toContain(after);
    },
  );

  test('of an association that both sides see, and of one that half is seen of (RFC 9260 §4)', () => {
    expect(
      life(
        ['input', 'INIT'],
        ['output', 'INIT_ACK'],
        ['input', 'COOKIE_ECHO'],
        ['output', 'COOKIE_ACK'],
        ['input', 'SHUTDOWN'],
        ['output', 'SHUTDOWN_ACK'],
        ['input', 'SHUTDOWN_COMPLETE'],
      ),
    ).toEqual(['INIT1', 'C-SENT', 'C-REPLIED', 'ESTABLISHED', 'S-RECEIVED', 'S-ACK-SENT', 'CLOSED']);
    expect(life(['inputOnly', 'INIT'], ['inputOnly', 'COOKIE_ECHO'], ['inputOnly', 'SHUTDOWN'])).toEqual([
      'INIT1',
      'ESTABLISHED',
      'S-RECEIVED',
    ]);
  });
});

describe('the event of an SCTP packet', () => {
  const eventOf = (...chunks: readonly Layer[]) => {
    const bytes = buildPacket([ip(), sctp(), ...chunks]);
    return sctpEvent(new DataView(bytes.buffer), 32, bytes.length);
  };

  property.prop([fc.nat(255), fc.uint8Array({ maxLength: 40 })])(
    'is there for any chunk and any bytes behind it',
    (type, rest) => {
      const bytes = Uint8Array.from([type, 0, ...rest, 0, 0]);
      const event = sctpEvent(new DataView(bytes.buffer), 0, bytes.length);
      expect(events).toContain(event);
    },
  );

  test('is that of its first chunk, but for an ABORT behind the end of a handshake', () => {
    const abort = chunk({ type: 6 });
    expect(eventOf(chunk({ type: 1 }), abort)).toBe(SCTP_EVENT.INIT);
    expect(eventOf(chunk({ type: 10, data: '01' }), abort)).toBe(SCTP_EVENT.ABORT);
    expect(eventOf(chunk({ type: 10, length: 2 }), abort)).toBe(SCTP_EVENT.COOKIE_ECHO);
    expect(eventOf(chunk({ type: 192 }))).toBe(SCTP_EVENT.DATA);
  });
});
