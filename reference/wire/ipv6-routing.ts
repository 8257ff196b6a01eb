import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import { buildStart, EXTENSION, paddedExtension, statedLength } from './ipv6-options.ts';
import type { LayerOf, RoutingFields } from './layer.ts';
import { buildOptions, hexOptions } from './options.ts';

/**
 * The routing header (RFC 8200 §4.4): what `data` is depends on the routing type.
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+-------+-------+
 *  | next  |length |routing|segm.  |  0
 *  | header|       | type  |left   |
 *  +-------+-------+-------+-------+
 *  |   data, to a multiple of 8    |  4
 * ```
 */
export const ROUTING = { ...EXTENSION, routingType: 2, segmentsLeft: 3, data: 4 } as const;

export const ROUTING_FIELDS: FieldRanges<RoutingFields> = {
  nextHeader: { offset: ROUTING.nextHeader, length: 1 },
  headerLength: { offset: ROUTING.length, length: 1 },
  routingType: { offset: ROUTING.routingType, length: 1 },
  segmentsLeft: { offset: ROUTING.segmentsLeft, length: 1 },
  data: { offset: ROUTING.data, length: Infinity },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseRouting(view: DataView, start: number, length: number): LayerOf<'routing'> {
  if (length < ROUTING.data) return parseCutShort(parseRouting, ROUTING_FIELDS, view, start, length, ROUTING.data);
  const headerLength = statedLength(view, start);
  return {
    kind: 'routing',
    nextHeader: view.getUint8(start + ROUTING.nextHeader),
    headerLength,
    routingType: view.getUint8(start + ROUTING.routingType),
    segmentsLeft: view.getUint8(start + ROUTING.segmentsLeft),
    ...(headerLength === length && { data: hexOptions(view, start + ROUTING.data, start + length) }),
  };
}

/** Bytes of the header that {@link buildRouting} writes. */
export function routingLength({ data = '' }: RoutingFields): number {
  return paddedExtension('routing.data', ROUTING.data, data);
}

/** Writes the header at `start`. Left out: `nextHeader` for what follows, type 0, no segments left, four zeros. */
export function buildRouting(view: DataView, start: number, fields: RoutingFields, nextHeader: number): void {
  const length = routingLength(fields);
  buildStart(view, start, 'routing', fields, length, nextHeader);
  view.setUint8(start + ROUTING.routingType, checkedField('routing.routingType', fields.routingType ?? 0, 0xff));
  view.setUint8(start + ROUTING.segmentsLeft, checkedField('routing.segmentsLeft', fields.segmentsLeft ?? 0, 0xff));
  buildOptions(view, start + ROUTING.data, start + length, fields.data);
}

/** `routing type 2 left 1` */
export function describeRouting({ routingType, segmentsLeft }: RoutingFields): string {
  return `routing type ${routingType ?? '?'} left ${segmentsLeft ?? '?'}`;
}
