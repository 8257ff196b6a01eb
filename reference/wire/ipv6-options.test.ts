import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import {
  buildExtension,
  describeExtension,
  extensionLength,
  parseDestinationOptions,
  parseHopByHop,
} from './ipv6-options.ts';
import type { ExtensionFields } from './layer.ts';

// What Linux 6.18 sent: a hop-by-hop header with a router alert before destination options, PadN alone, before UDP.
const ROUTER_ALERT = '3c00050200000100';
const PADDING = '1100010400000000';
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: ExtensionFields, nextHeader = 59): string {
  const bytes = new Uint8Array(extensionLength('hopByHop', fields)).fill(0xa5);
  buildExtension(view(bytes), 0, 'hopByHop', fields, nextHeader);
  return toHex(bytes);
}

describe('a header of options', () => {
  it('is parsed wherever it starts', () => {
    expect(parseHopByHop(view(fromHex(`a5${ROUTER_ALERT}`, '')), 1, 8)).toEqual({
      kind: 'hopByHop',
      nextHeader: 60,
      headerLength: 8,
      options: '050200000100',
    });
    expect(parseDestinationOptions(view(fromHex(PADDING, '')), 0, 8)).toEqual({
      kind: 'destinationOptions',
      nextHeader: 17,
      headerLength: 8,
      options: '010400000000',
    });
  });

  it('is built as the kernel wrote it', () => {
    expect(build({ options: '050200000100' }, 60)).toBe(ROUTER_ALERT);
    expect(build({ options: '010400000000', nextHeader: 17 })).toBe(PADDING);
  });

  it('has options padded with zeros (Pad1) to a multiple of 8', () => {
    expect(build({})).toBe('3b00000000000000');
    expect(build({ options: '05020000010005' })).toBe('3b01050200000100' + '0500000000000000');
    expect(build({ options: '00'.repeat(2046) })).toHaveLength(4096);
  });

  it('is built as stated where the length is wrong', () => {
    expect(build({ headerLength: 2048 }).slice(0, 4)).toBe('3bff');
  });

  it('cut short has the fields that are wholly there', () => {
    const cut = (length: number) => parseHopByHop(view(fromHex(ROUTER_ALERT, '')), 0, length);
    expect(cut(1)).toEqual({ kind: 'hopByHop', nextHeader: 60 });
    expect(cut(2)).toEqual({ kind: 'hopByHop', nextHeader: 60, headerLength: 8 });
  });

  it.each([
    [{ nextHeader: 256 }, 'hopByHop.nextHeader: 256'],
    [{ headerLength: 12 }, 'hopByHop.headerLength: 12 is not a multiple of 8'],
    [{ headerLength: 2056 }, 'hopByHop.headerLength: 2056'],
    [{ headerLength: 0 }, 'hopByHop.headerLength: -1'],
    [{ options: '0' }, "hopByHop.options: '0'"],
    [{ options: '00'.repeat(2047) }, 'hopByHop.headerLength: 2056'],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it('is described with its options', () => {
    expect(describeExtension('hopByHop', { options: '050200000100' })).toBe('hop-by-hop 050200000100');
    expect(describeExtension('destinationOptions', {})).toBe('destination-options');
  });
});
