import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import {
  arp,
  destinationOptions,
  ethernet,
  fragment,
  hopByHop,
  icmp,
  icmp6,
  ip,
  ip6,
  neighbour,
  payload,
  routing,
  tcp,
  udp,
} from './layer.ts';

describe('a layer', () => {
  it('is its kind and the fields given', () => {
    expect([ethernet(), arp({ operation: 2 }), ip({ ttl: 1 }), tcp(), udp({ length: 8 }), icmp({ type: 3 })]).toEqual([
      { kind: 'ethernet' },
      { kind: 'arp', operation: 2 },
      { kind: 'ip', ttl: 1 },
      { kind: 'tcp' },
      { kind: 'udp', length: 8 },
      { kind: 'icmp', type: 3 },
    ]);
    expect([
      ip6({ hopLimit: 1 }),
      hopByHop(),
      destinationOptions(),
      routing(),
      fragment(),
      icmp6(),
      neighbour(),
    ]).toEqual([
      { kind: 'ip6', hopLimit: 1 },
      { kind: 'hopByHop' },
      { kind: 'destinationOptions' },
      { kind: 'routing' },
      { kind: 'fragment' },
      { kind: 'icmp6' },
      { kind: 'neighbour' },
    ]);
  });
});

describe('a payload', () => {
  it('of text has one byte for each character', () => {
    expect(payload('GET\r\n\u00ff')).toEqual({ kind: 'payload', data: '4745540d0aff' });
  });

  it('of bytes has these bytes', () => {
    expect(payload(Uint8Array.of(0, 0xa5, 0xff))).toEqual({ kind: 'payload', data: '00a5ff' });
  });

  it.each(['\u0100', '€', '😀'])('refuses %j, which is not one byte', (text) => {
    expect(() => payload(`a${text}`)).toThrow(MalformedInput);
    expect(() => payload(`a${text}`)).toThrow(text);
  });
});
