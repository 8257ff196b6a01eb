import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildPacket } from './build-packet.ts';
import { dissect } from './dissect.ts';
import { buildGue, describeGue, gueLength, parseGue } from './gue.ts';
import { fromHex, toHex } from './hex.ts';
import { gue, ip, udp, type GueFields } from './layer.ts';

const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: GueFields): string {
  const bytes = new Uint8Array(gueLength(fields)).fill(0xa5);
  buildGue(view(bytes), 0, fields, 4);
  return toHex(bytes);
}

const within = (fields: GueFields) =>
  dissect(buildPacket([ip(), udp({ destinationPort: 6080 }), gue(fields), ip(), udp()]), 'ip')
    .slice(2)
    .map(({ layer }) => layer.kind);

describe('a GUE header', () => {
  it('has four bytes and its options, whose length is stored in words', () => {
    expect(build({})).toBe('00040000');
    expect(build({ protocol: 41, flags: 0x0100, options: '0102030405' })).toBe('022901000102030405000000');
    expect(build({ version: 1, control: true, headerLength: 128 })).toBe('7f040000');
  });

  it('is parsed with its options', () => {
    expect(parseGue(view(fromHex('2129010001020304', '')), 0, 8)).toEqual({
      kind: 'gue',
      version: 0,
      control: true,
      headerLength: 8,
      protocol: 41,
      flags: 0x0100,
      options: '01020304',
    });
  });

  it('is found in UDP to port 6080, and an IP packet behind it', () => {
    expect(within({})).toEqual(['gue', 'ip', 'udp']);
    expect(within({ options: '01020304' })).toEqual(['gue', 'ip', 'udp']);
  });

  it.each<[string, GueFields]>([
    ['a control message', { control: true }],
    ['another version', { version: 1 }],
    ['options beyond the end', { headerLength: 128 }],
    ['another protocol', { protocol: 253 }],
  ])('of %s has a payload behind it', (_what, fields) => {
    expect(within(fields)).toEqual(['gue', 'payload']);
  });

  it.each([
    [{ version: 4 }, 'gue.version: 4'],
    [{ headerLength: 6 }, 'gue.headerLength: 6'],
    [{ headerLength: 132 }, 'gue.headerLength: 132'],
    [{ protocol: 256 }, 'gue.protocol: 256'],
    [{ flags: -1 }, 'gue.flags: -1'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ version: 0, control: false, protocol: 4, flags: 0 }, 'gue'],
    [
      { version: 1, control: true, protocol: 5, flags: 1, options: 'ab' },
      'gue version 1 control 5 flags 0x0001 options ab',
    ],
  ])('%o is described as %j', (fields, text) => {
    expect(describeGue(fields)).toBe(text);
  });
});
