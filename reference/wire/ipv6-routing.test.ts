import { describe, expect, it } from 'vitest';
import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';
import { buildRouting, describeRouting, parseRouting, routingLength } from './ipv6-routing.ts';
import type { RoutingFields } from './layer.ts';

// Laid out by RFC 6275 §6.4: a routing header of type 2 before TCP, to the home address 2001:db8::1.
const HOME = '20010db8000000000000000000000001';
const TYPE_2 = `0602020100000000${HOME}`;
const view = (bytes: Uint8Array) => new DataView(bytes.buffer);

function build(fields: RoutingFields): string {
  const bytes = new Uint8Array(routingLength(fields)).fill(0xa5);
  buildRouting(view(bytes), 0, fields, 6);
  return toHex(bytes);
}

describe('a routing header', () => {
  const fields = { routingType: 2, segmentsLeft: 1, data: `00000000${HOME}` };

  it('is parsed wherever it starts', () => {
    expect(parseRouting(view(fromHex(`a5${TYPE_2}`, '')), 1, 24)).toEqual({
      kind: 'routing',
      nextHeader: 6,
      headerLength: 24,
      ...fields,
    });
  });

  it('is built from its fields', () => expect(build(fields)).toBe(TYPE_2));

  it('without fields is of type 0 with no segments left', () => expect(build({})).toBe('0600000000000000'));

  it('cut short has the fields that are wholly there', () => {
    expect(parseRouting(view(fromHex(TYPE_2, '')), 0, 3)).toEqual({
      kind: 'routing',
      nextHeader: 6,
      headerLength: 24,
      routingType: 2,
    });
  });

  it.each([
    [{ routingType: 256 }, 'routing.routingType: 256'],
    [{ segmentsLeft: -1 }, 'routing.segmentsLeft: -1'],
    [{ headerLength: 4 }, 'routing.headerLength: 4'],
    [{ data: 'x' }, "routing.data: 'x'"],
  ])('with %o is refused, naming the field', (wrong, message) => {
    expect(() => build(wrong)).toThrow(MalformedInput);
    expect(() => build(wrong)).toThrow(message);
  });

  it('is described with its type', () => {
    expect(describeRouting(fields)).toBe('routing type 2 left 1');
    expect(describeRouting({})).toBe('routing type ? left ?');
  });
});
