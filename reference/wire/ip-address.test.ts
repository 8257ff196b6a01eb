import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { parseNetwork } from './ip-address.ts';

describe('a network of either family', () => {
  it('has its address and length', () => {
    expect(parseNetwork('10.0.0.1/24')).toMatchObject({ address: 0x0a000001, length: 24 });
    expect(parseNetwork('2001:db8::1/64')).toEqual({
      address: 0x2001_0db8_0000_0000_0000_0000_0000_0001n,
      length: 64,
    });
    expect(parseNetwork('::/0')).toEqual({ address: 0n, length: 0 });
    expect(parseNetwork('::1/128')).toEqual({ address: 1n, length: 128 });
  });

  it.each(['::1', '::1/', '::1/129', '::1/-1', '::1/064', '::1/64/8', '::1/x', '/64'])(
    'is refused as %j, naming the text',
    (text) => {
      expect(() => parseNetwork(text)).toThrow(MalformedInput);
      expect(() => parseNetwork(text)).toThrow(`'${text}'`);
    },
  );

  it('is refused where its address is wrong', () => {
    expect(() => parseNetwork('1:2/64')).toThrow("'1:2' is not an IPv6 address");
    expect(() => parseNetwork('10.0.0.256/24')).toThrow("'10.0.0.256'");
  });
});
