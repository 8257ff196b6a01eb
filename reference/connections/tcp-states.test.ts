import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import kernel from './tcp-states.kernel-6.1.json' with { type: 'json' };
import { DIRECTION, nextState, type Direction } from './state-machine.ts';
import { compileTcpTables, isActive, TCP_EVENT, TCP_STATE, TCP_STATE_NAMES, tcpEvent } from './tcp-states.ts';
import { SECURE_TCP_TABLES } from './secure-tcp-tables.ts';
import { TCP_TABLES } from './tcp-tables.ts';

const linux = compileTcpTables(TCP_TABLES.linux);
const paper = compileTcpTables(TCP_TABLES.paper);
const directions = Object.keys(DIRECTION) as Direction[];
const events = ['SYN', 'FIN', 'ACK', 'RST'] as const;

/** Flags of a segment as they stand in byte 13 of the TCP header (RFC 9293 §3.1). */
const BITS = { F: 0x01, S: 0x02, R: 0x04, P: 0x08, A: 0x10, U: 0x20 } as const;
const flags = (letters: string) =>
  Object.entries(BITS).reduce((byte, [letter, bit]) => (letters.includes(letter) ? byte | bit : byte), 0);

/** The states a connection passes: each step is `>` (client) or `<` (server) and flag letters. */
function life(tables: DataView, steps: string, half = false): string[] {
  let state: number = TCP_STATE.NONE;
  return steps.split(' ').map((step) => {
    const direction = step.startsWith('<') ? 'output' : half ? 'inputOnly' : 'input';
    state = nextState(tables, DIRECTION[direction], tcpEvent(flags(step.slice(1))), state);
    return TCP_STATE_NAMES[state] ?? `no state ${state}`;
  });
}

describe('TCP states of profile linux', () => {
  test('have the names and order of the kernel', () => {
    expect(TCP_STATE_NAMES).toEqual(kernel.states);
    expect(Object.keys(TCP_STATE).map((name) => [name, TCP_STATE[name as keyof typeof TCP_STATE]])).toEqual(
      kernel.states.map((name, code) => [name, code]),
    );
  });

  for (const direction of directions) {
    for (const event of events) {
      test(`${direction} ${event}: every cell is the running kernel's`, () => {
        const cells = TCP_STATE_NAMES.map((name) => {
          const next = nextState(linux, DIRECTION[direction], TCP_EVENT[event], TCP_STATE[name]);
          return [name, TCP_STATE_NAMES[next]];
        });
        expect(Object.fromEntries(cells)).toEqual(kernel.tables[direction][event]);
      });

      test(`secure_tcp, ${direction} ${event}: every cell is the running kernel's`, () => {
        const cells = SECURE_TCP_TABLES[direction][event].map((next, state) => [
          TCP_STATE_NAMES[state],
          TCP_STATE_NAMES[next],
        ]);
        expect(Object.fromEntries(cells)).toEqual(kernel.secureTables[direction][event]);
      });
    }
  }

  test('active are the states the kernel counts as active', () => {
    expect(TCP_STATE_NAMES.filter((name) => isActive(TCP_STATE[name])).sort()).toEqual([...kernel.active].sort());
  });

  // Sequences seen on a running kernel, ipvs-cases C02 to C22.
  test.each([
    [
      'handshake and close by the client',
      '>S <SA >A >FA <FA >A',
      'SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT TIME_WAIT TIME_WAIT',
    ],
    ['close by the server', '>S <SA >A <FA >FA', 'SYN_RECV SYN_RECV ESTABLISHED FIN_WAIT TIME_WAIT'],
    ['client reset while opening', '>S >R', 'SYN_RECV SYN_RECV'],
    ['server reset while opening', '>S <R', 'SYN_RECV CLOSE'],
    ['second SYN', '>S <SA >A >S', 'SYN_RECV SYN_RECV ESTABLISHED ESTABLISHED'],
    ['segment without flags', '>S <SA >A >', 'SYN_RECV SYN_RECV ESTABLISHED CLOSE'],
    ['SYN of the server in CLOSE', '>S <R <S', 'SYN_RECV CLOSE SYN_SENT'],
    ['reset after FIN', '>S <SA >A >FA >R', 'SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT CLOSE'],
  ])('both directions: %s', (_, steps, states) => {
    expect(life(linux, steps).join(' ')).toBe(states);
  });

  test('half connection: a client FIN leads to FIN_WAIT and its last ACK changes nothing', () => {
    expect(life(linux, '>S >A >FA >A', true)).toEqual(['SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'FIN_WAIT']);
  });
});

describe('TCP states of profile paper', () => {
  test('both directions follow RFC 9293 figure 5 when the client closes first', () => {
    expect(life(paper, '>S <SA >A >FA <A <FA >A')).toEqual(
      'SYN_RECV SYN_RECV ESTABLISHED CLOSE_WAIT CLOSE_WAIT LAST_ACK CLOSE'.split(' '),
    );
  });

  test('both directions follow RFC 9293 figure 5 when the server closes first', () => {
    expect(life(paper, '>S <SA >A <FA >A >FA <A')).toEqual(
      'SYN_RECV SYN_RECV ESTABLISHED FIN_WAIT FIN_WAIT TIME_WAIT TIME_WAIT'.split(' '),
    );
  });

  test('a reset ends a connection in every synchronised or opening state (RFC 9293 §3.10.7.4)', () => {
    expect(life(paper, '>S >R')).toEqual(['SYN_RECV', 'CLOSE']);
    expect(life(paper, '>S <SA >A >FA <FA >R').at(-1)).toBe('CLOSE');
  });

  test('a half connection goes SYN, ESTABLISHED, FIN (paper P26, P33)', () => {
    expect(life(paper, '>S >A >PA >FA >A', true)).toEqual(
      'SYN_RECV ESTABLISHED ESTABLISHED FIN_WAIT FIN_WAIT'.split(' '),
    );
  });

  test('a half connection without ESTABLISHED still ends in FIN', () => {
    expect(life(paper, '>S >FA', true)).toEqual(['SYN_RECV', 'FIN_WAIT']);
  });
});

describe('TCP events', () => {
  property.prop([fc.integer({ min: 0, max: 255 })])('RST goes before SYN, SYN before FIN, FIN before ACK', (byte) => {
    const first = (['R', 'S', 'F', 'A'] as const).find((letter) => (byte & BITS[letter]) !== 0);
    const names = { R: 'RST', S: 'SYN', F: 'FIN', A: 'ACK' } as const;
    expect(tcpEvent(byte)).toBe(TCP_EVENT[first === undefined ? 'NOTHING' : names[first]]);
  });
});

describe('every state machine', () => {
  const anyTables = fc.constantFrom(linux, paper);
  const anyDirection = fc.constantFrom(...directions);
  const anyState = fc.constantFrom(...TCP_STATE_NAMES);

  property.prop([anyTables, anyDirection, fc.integer({ min: 0, max: 255 }), anyState])(
    'leads from every state by every segment to a known state, and to CLOSE when no flag says anything',
    (tables, direction, byte, state) => {
      const next = nextState(tables, DIRECTION[direction], tcpEvent(byte), TCP_STATE[state]);
      expect(TCP_STATE_NAMES[next]).toBeDefined();
      if ((byte & 0x17) === 0) expect(next).toBe(TCP_STATE.CLOSE);
    },
  );

  test('has a row for every event and a cell for every state', () => {
    for (const tables of [TCP_TABLES.linux, TCP_TABLES.paper, SECURE_TCP_TABLES]) {
      for (const direction of directions) {
        expect(Object.keys(tables[direction])).toEqual([...events]);
        for (const event of events) expect(tables[direction][event]).toHaveLength(TCP_STATE_NAMES.length);
      }
    }
  });
});
