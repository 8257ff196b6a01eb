import { describe, expect, test } from 'vitest';
import type { ConnectionRow } from './lab.ts';
import { Observations } from './observations.ts';
import { WireRecorder } from './wire-recorder.ts';

const row = (state: string, expires: number): ConnectionRow => ({
  protocol: 'TCP',
  client: '10.0.0.2:40001',
  virtual: '10.0.0.100:80',
  destination: '192.168.1.11:80',
  state,
  expires,
});

function observed(...listings: readonly (readonly ConnectionRow[])[]): readonly (readonly [string | null, number])[] {
  const recorder = new WireRecorder();
  const observations = new Observations(recorder);
  for (const rows of listings) {
    observations.connections(rows);
    recorder.advance(1);
  }
  return observations.listings.flatMap(({ news, time }) => news.map(({ state }) => [state, time] as const));
}

describe('of the listings only news is kept', () => {
  test('a connection whose timer runs down is none', () => {
    expect(observed([row('SYN_RECV', 60)], [row('SYN_RECV', 59)])).toEqual([['SYN_RECV', 0]]);
  });

  test('another state, a renewed timer and the end are', () => {
    expect(observed([row('SYN_RECV', 60)], [row('ESTABLISHED', 900)], [row('ESTABLISHED', 901)], [])).toEqual([
      ['SYN_RECV', 0],
      ['ESTABLISHED', 1],
      ['ESTABLISHED', 2],
      [null, 3],
    ]);
  });

  test('a timer that was renewed by less than it had run down is', () => {
    expect(observed([row('CLOSE', 10)], [row('CLOSE', 5)], [row('CLOSE', 9)])).toEqual([
      ['CLOSE', 0],
      ['CLOSE', 2],
    ]);
  });

  test('a connection that comes back is', () => {
    expect(observed([row('CLOSE', 10)], [], [row('CLOSE', 10)]).map(([state]) => state)).toEqual([
      'CLOSE',
      null,
      'CLOSE',
    ]);
  });
});

test('values are kept beside what is right, long ones left out', () => {
  const observations = new Observations(new WireRecorder());
  observations.check('share of each server', '[2,2]', '[3,1]');
  observations.check('a listing', '""', 'x'.repeat(1000));
  expect(observations.checks.map(({ what, required, actual }) => [what, required, actual])).toEqual([
    ['share of each server', '[2,2]', '[3,1]'],
  ]);
});
