import { describe, expect, test } from 'vitest';
import { MalformedInput, UnsupportedFeature } from '../errors.ts';
import { Settings } from './settings.ts';

describe('a setting', () => {
  test.each([
    ['icmp_ratelimit', 1000],
    ['vs.conn_reuse_mode', 1],
    ['vs.expire_nodest_conn', 0],
    ['vs.nat_icmp_send', 0],
    ['vs.pmtu_disc', 1],
    ['vs.schedule_icmp', 0],
    ['vs.sloppy_tcp', 0],
  ] as const)('%s is %i until it is set, as in a running kernel', (name, value) => {
    const settings = new Settings();
    expect(settings.get(name)).toBe(value);
    settings.set(name, '7');
    expect(settings.get(name)).toBe(7);
  });

  test.each(['vs.no_such_setting', 'ip_forward', '__proto__', 'constructor', ''])('%j is not known', (name) => {
    expect(() => new Settings().set(name, '1')).toThrow(UnsupportedFeature);
  });

  test('one that an older kernel does not have is not known, and keeps its default', () => {
    const settings = new Settings(['vs.run_estimation']);
    expect(() => settings.set('vs.run_estimation', '0')).toThrow(
      /^setting vs\.run_estimation is not known; known are .*\bicmp_ratelimit,/,
    );
    expect(settings.get('vs.run_estimation')).toBe(1);
  });

  test.each(['', 'x', '-1', '1.5', '0x10', ' 1', '1\n', '1e3', '99999999999'])('takes no %j, and stays', (value) => {
    const settings = new Settings();
    expect(() => settings.set('vs.pmtu_disc', value)).toThrow(MalformedInput);
    expect(settings.get('vs.pmtu_disc')).toBe(1);
  });
});
