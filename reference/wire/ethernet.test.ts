import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { buildEthernet, describeEthernet, parseEthernet } from './ethernet.ts';
import { fromHex, toHex } from './hex.ts';

const HEADER = 'feff20000100' + '000001000000' + '0800';
const FIELDS = { destination: 'fe:ff:20:00:01:00', source: '00:00:01:00:00:00', type: 0x0800 };
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

describe('an Ethernet header', () => {
  it('is parsed wherever it starts', () => {
    expect(parseEthernet(view(fromHex(`a5a5${HEADER}`, '')), 2, 14)).toEqual({ kind: 'ethernet', ...FIELDS });
  });

  it('is built into every one of its bytes and no other', () => {
    const bytes = new Uint8Array(18).fill(0xa5);
    buildEthernet(view(bytes), 2, FIELDS, 0x0806);
    expect(toHex(bytes)).toBe(`a5a5${HEADER}a5a5`);
  });

  it('without fields has zero addresses and the type of what follows', () => {
    const bytes = new Uint8Array(14).fill(0xa5);
    buildEthernet(view(bytes), 0, {}, 0x0806);
    expect(toHex(bytes)).toBe('0000000000000000000000000806');
  });

  it('cut short has the fields that are wholly there', () => {
    expect(parseEthernet(view(fromHex(HEADER.slice(0, 26), '')), 0, 13)).toEqual({
      kind: 'ethernet',
      destination: FIELDS.destination,
      source: FIELDS.source,
    });
    expect(parseEthernet(view(fromHex(HEADER.slice(0, 12), '')), 0, 6)).toEqual({
      kind: 'ethernet',
      destination: FIELDS.destination,
    });
  });

  it.each([
    [{ destination: 'x' }, "ethernet.destination: 'x'"],
    [{ source: '10.0.0.1' }, "ethernet.source: '10.0.0.1'"],
    [{ type: 0x10000 }, 'ethernet.type: 65536'],
  ])('with %o is refused, naming the field', (fields, message) => {
    const build = () => buildEthernet(view(new Uint8Array(14)), 0, fields, 0);
    expect(build).toThrow(MalformedInput);
    expect(build).toThrow(message);
  });

  it('is described by its addresses and type', () => {
    expect(describeEthernet(FIELDS)).toBe('ethernet 00:00:01:00:00:00 > fe:ff:20:00:01:00 type 0x0800');
    expect(describeEthernet({})).toBe('ethernet ? > ? type ?');
  });
});
