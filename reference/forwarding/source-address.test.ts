import { describe, expect, test } from 'vitest';
import { formatIpv6, parseIpv6 } from '../wire/ipv6-address.ts';
import { sourceAddress } from './source-address.ts';

const candidates = (...texts: readonly string[]) =>
  texts.map((text) => {
    const [address = '', length = '', deprecated] = text.split(/[/ ]/);
    const candidate = { address: parseIpv6(address), length: Number(length) };
    return deprecated === undefined ? candidate : { ...candidate, deprecated: true as const };
  });
const chosen = (destination: string, ...texts: readonly string[]) =>
  formatIpv6(sourceAddress(candidates(...texts), parseIpv6(destination)));

describe('the source of a packet of the director (RFC 6724 §5)', () => {
  test.each([
    ['rule 1: the destination itself', '2001:db8::5', ['2001:db8::4/64', '2001:db8::5/64'], '2001:db8::5'],
    ['rule 2: an address that reaches as far', '2001:db8:9::1', ['fe80::1/64', '2001:db8::1/64'], '2001:db8::1'],
    ['rule 2: and no further than needed', 'fe80::2', ['2001:db8::1/64', 'fe80::1/64'], 'fe80::1'],
    ['rule 3: one that is preferred', '2001:db8::2', ['2001:db8::3/128 deprecated', '2001:db8::4/64'], '2001:db8::4'],
    ['rule 3: after the reach', '2001:db8:9::1', ['2001:db8::3/128 deprecated', 'fe80::1/64'], '2001:db8::3'],
    ['rule 6: one of its kind', 'fd00::9', ['2001:db8::1/64', 'fd01::1/64'], 'fd01::1'],
    [
      'rule 8: the longest prefix in common',
      '2001:db8:2::9',
      ['2001:db8:1::1/64', '2001:db8:2::1/64'],
      '2001:db8:2::1',
    ],
    ['rule 8: no longer than its own network', '2001:db8::2', ['2001:db8::3/64', '2001:db8::100/128'], '2001:db8::100'],
    ['of equals the first', '2001:db8:9::1', ['2001:db8:1::1/48', '2001:db8:1::2/48'], '2001:db8:1::1'],
    ['none where there is none', '2001:db8::1', [], '::'],
  ] as const)('%s', (_rule, destination, texts, expected) => {
    expect(chosen(destination, ...texts)).toBe(expected);
  });
});
