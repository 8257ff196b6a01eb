import { describe, expect, it } from 'vitest';
import { distribution, inTurn } from './distribution.ts';

describe('which servers answered', () => {
  it('is counted by name, in the order of names', () => {
    expect(JSON.stringify(distribution(['server2', 'server1', 'server2']))).toBe('{"server1":1,"server2":2}');
  });

  it.each([
    [['b', 'c', 'a', 'b', 'c', 'a', 'b'], true],
    [['b', 'c', 'a', 'c', 'b', 'a'], false],
    [['b', 'c', 'b', 'c'], false],
    [['a', 'a', 'a'], false],
    [[], false],
  ])('%j in turn over three: %s', (names, turn) => {
    expect(inTurn(names, 3)).toBe(turn);
  });
});
