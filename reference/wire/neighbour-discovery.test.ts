import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import type { NeighbourFields } from './layer.ts';
import {
  buildNeighbour,
  builtNeighbourLength,
  describeNeighbour,
  neighbourLength,
  parseNeighbour,
} from './neighbour-discovery.ts';

/** What Linux 6.18 sent behind the ICMPv6 header: a solicitation, and the advertisement that answered it. */
const TARGET = '20010db8000000010000000000000001';
const SOLICITATION = `${TARGET}01010200000000c2`;
const ADVERTISEMENT = `${TARGET}02010200000000c1`;
/** Its solicitation to detect duplicates has a nonce (RFC 7527), which is data. */
const DETECTION = 'fe80000000000000' + '00ff00fffe0000c1' + '0e01b840aa8873f9';
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);
const lengthOf = (hex: string) => neighbourLength(view(fromHex(hex, '')), 0, hex.length / 2);

function build(fields: NeighbourFields): string {
  const bytes = new Uint8Array(builtNeighbourLength(fields)).fill(0xa5);
  buildNeighbour(view(bytes), 0, fields);
  return toHex(bytes);
}

describe('the target of neighbour discovery', () => {
  it.each([
    [SOLICITATION, { target: '2001:db8:0:1::1', option: 1, mac: '02:00:00:00:00:c2' }],
    [ADVERTISEMENT, { target: '2001:db8:0:1::1', option: 2, mac: '02:00:00:00:00:c1' }],
    [TARGET, { target: '2001:db8:0:1::1' }],
  ])('%s is read and written', (hex, fields) => {
    expect(lengthOf(hex)).toBe(hex.length / 2);
    expect(parseNeighbour(view(fromHex(`a5${hex}`, '')), 1, hex.length / 2)).toEqual({ kind: 'neighbour', ...fields });
    expect(build(fields)).toBe(hex);
  });

  it('ends before an option that is no Ethernet address', () => {
    expect(lengthOf(DETECTION)).toBe(16);
    expect(lengthOf(`${TARGET}0102${'00'.repeat(14)}`)).toBe(16);
    expect(lengthOf(`${TARGET}0301020000000000`)).toBe(16);
  });

  it('with a MAC address has the option of a solicitation', () => {
    expect(build({ mac: '02:00:00:00:00:c2' })).toBe(`${'00'.repeat(16)}01010200000000c2`);
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseNeighbour(view(fromHex(SOLICITATION, '')), 0, 17)).toEqual({
      kind: 'neighbour',
      target: '2001:db8:0:1::1',
      option: 1,
    });
    expect(parseNeighbour(view(fromHex(SOLICITATION, '')), 0, 15)).toEqual({ kind: 'neighbour' });
  });

  it.each([
    [{ target: '10.0.0.1' }, "neighbour.target: '10.0.0.1'"],
    [{ option: 256 }, 'neighbour.option: 256'],
    [{ mac: '02' }, "neighbour.mac: '02'"],
  ])('with %o is refused, naming the field', (fields, message) => {
    expect(() => build(fields)).toThrow(MalformedInput);
    expect(() => build(fields)).toThrow(message);
  });

  it.each([
    [{ target: '::1', option: 1, mac: '02:00:00:00:00:c2' }, 'target ::1 source-link 02:00:00:00:00:c2'],
    [{ target: '::1', option: 2, mac: '02:00:00:00:00:c2' }, 'target ::1 target-link 02:00:00:00:00:c2'],
    [{ target: '::1' }, 'target ::1'],
    [{}, 'target ?'],
  ])('%o is described as %j', (fields, text) => {
    expect(describeNeighbour(fields)).toBe(text);
  });
});
