import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { parseQuery } from './parse-query.ts';
import type { Query } from './query.ts';

const all = { kind: 'services', only: undefined } as const;
const plain = { form: 'plain', exact: false, sorted: true } as const;

function refusal(line: string): string {
  try {
    parseQuery(line);
  } catch (error) {
    if (error instanceof MalformedInput) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('what ipvsadm shows', () => {
  test.each<[string, Query]>([
    ['-L', { ...all, options: plain }],
    ['-l -n', { ...all, options: plain }],
    ['--list --numeric --sort', { ...all, options: plain }],
    ['-Ln --stats', { ...all, options: { ...plain, form: 'totals' } }],
    ['-L --rate --exact', { ...all, options: { ...plain, form: 'rates', exact: true } }],
    ['-L --stats --rate -X', { ...all, options: { ...plain, form: 'totals', exact: true } }],
    ['-L --thresholds --nosort', { ...all, options: { ...plain, form: 'thresholds', sorted: false } }],
    ['-L --persistent-conn', { ...all, options: { ...plain, form: 'persistent connections' } }],
    ['-L --tun-info', { ...all, options: { ...plain, form: 'tunnels' } }],
    [
      '-L -n -t 10.0.0.100:80',
      { kind: 'services', only: { protocol: 6, address: 0x0a000064, port: 80, fwmark: 0 }, options: plain },
    ],
    ['-L -f 5 -6', { kind: 'services', only: { protocol: 6, address: 0n, port: 0, fwmark: 5 }, options: plain }],
    ['-Lnc', { kind: 'connections', withEngineData: false }],
    ['-L -c --persistent-conn', { kind: 'connections', withEngineData: true }],
    ['-L --timeout', { kind: 'timeouts' }],
    ['-L --daemon', { kind: 'daemons' }],
    ['-S -n', { kind: 'save' }],
  ])('%s', (line, query) => {
    expect(parseQuery(line)).toEqual(query);
  });

  test.each([
    ['', 'no command given'],
    ['-A -t 10.0.0.100:80', '-A shows nothing'],
    ['-L extra', 'unexpected argument extra'],
    ['-L -w 3', "Illegal 'weight' option with the 'list' command"],
    ['-S --stats', "Illegal 'stats' option with the 'save' command"],
    ['-L -c --timeout', "The option 'timeout' conflicts with the 'connection' option in the 'list' command"],
    ['-L -c -t 10.0.0.100:80', "The option 'service-address' conflicts with the 'connection' option"],
    ['-L -c --stats', 'options conflicts in the list command'],
    ['-L --timeout --rate', 'options conflicts in the list command'],
    ['-L --daemon --persistent-conn', 'options conflicts in the list command'],
  ])('%s is refused in the words of ipvsadm', (line, message) => {
    expect(refusal(line).startsWith(message), refusal(line)).toBe(true);
  });

  property.prop([fc.string()])('any other text is refused with one line, or accepted', (text) => {
    expect(refusal(text)).toMatch(/^[^\n]+$/);
  });
});
