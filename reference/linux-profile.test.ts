import { describe, expect, test } from 'vitest';
import { MalformedInput } from './errors.ts';
import { linuxProfile } from './linux-profile.ts';
import { PROFILES, sameChoices } from './profile.ts';

describe('the profile of a kernel version', () => {
  // Each with versions on both sides of a change, from the changelogs of the stable branches.
  test.each([
    ['5.11', '5.12', 'zeroGreChecksum', 0, 0xffff],
    ['5.10.82', '5.10.83', 'quiescentServerIsLeft', 'with conn_reuse_mode', 'always'],
    ['6.1.177', '6.1.178', 'tunnelErrorMtu', 'less an IP header', 'less its headers'],
    ['6.1.182', '6.1.183', 'damagedErrors', 'dropped', 'dropped under VS/NAT'],
    ['6.12.102', '6.12.103', 'damagedErrors', 'dropped', 'dropped under VS/NAT'],
    ['6.12.102', '6.12.103', 'quotedLaterFragmentHasPorts', true, false],
    ['6.1.182', '6.1.183', 'accounting', 'classic', 'current'],
    ['6.12.103', '6.12.104', 'accounting', 'classic', 'current'],
    ['6.1.187', '6.1.188', 'largeFtpNumbers', 'wrapped', 'refused'],
    ['6.1.188', '6.1.189', 'oddTemplateStates', 'taken', 'refused'],
    ['7.2.6', '7.2.7', 'oddTemplateStates', 'taken', 'refused'],
    ['6.12.112', '6.12.113', 'oddSynchronisedFlags', 'taken', 'refused'],
    ['7.2.9', '7.2.10', 'oddSynchronisedFlags', 'taken', 'refused'],
    ['6.12.113', '7.2.7', 'connectionTable', 'fixed', 'grows'],
    ['6.12.113', '7.2.7', 'invalidTemplatesKeepTheirPort', false, true],
  ] as const)('%s and %s differ in %s', (before, after, choice, former, present) => {
    expect(linuxProfile(before)[choice]).toBe(former);
    expect(linuxProfile(after)[choice]).toBe(present);
  });

  test('Linux 5.10 cannot have its estimation turned off', () => {
    expect(linuxProfile('5.10.300').missingSettings).toEqual(['vs.run_estimation']);
    expect(linuxProfile('5.15').missingSettings).toEqual([]);
  });

  test('a change holds in every branch that is newer than the last that took it over', () => {
    expect(linuxProfile('6.1').quiescentServerIsLeft).toBe('always');
    expect(linuxProfile('7.3').accounting).toBe('current');
    expect(linuxProfile('10.0').connectionTable).toBe('grows');
  });

  test('of a branch that no changelog here tells of, nothing is claimed', () => {
    expect(linuxProfile('6.6.200').accounting).toBe('classic');
  });

  test('is named after the first version of its branch that does the same', () => {
    expect(linuxProfile('6.1.176')).toMatchObject({
      id: 'linux-6.1',
      description: 'what kernel IPVS does (Linux 6.1, before 6.1.178)',
    });
    expect(linuxProfile('6.1.187').id).toBe('linux-6.1.183');
    expect(linuxProfile('6.12.113')).toMatchObject({
      id: 'linux-6.12.113',
      description: 'what kernel IPVS does (Linux 6.12, from 6.12.113 on)',
    });
    expect(linuxProfile('6.1.192-rc1+deb13')).toEqual(linuxProfile('6.1.192'));
  });

  test.each(['', '6', 'six.one', '6.x', '6.1.2.3'])("'%s' is no version", (release) => {
    expect(() => linuxProfile(release)).toThrow(MalformedInput);
  });

  test('two are the same where only their names differ', () => {
    expect(sameChoices(linuxProfile('5.15.90'), linuxProfile('6.1.176'))).toBe(true);
    expect(sameChoices(linuxProfile('5.10.46'), linuxProfile('6.1.176'))).toBe(false);
    expect(sameChoices(PROFILES.paper, PROFILES.linux)).toBe(false);
  });
});
