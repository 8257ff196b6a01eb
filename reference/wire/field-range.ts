import type { FieldRange } from './field.ts';
import { FIELD_RANGES } from './field-ranges.ts';
import type { LayerKind } from './layer.ts';

/**
 * The bytes of a field, counted from the start of its layer; undefined for a name that the layer has not.
 * Options and payload data have the length Infinity: they reach to the end of the layer.
 */
export function fieldRange(kind: LayerKind, field: string): FieldRange | undefined {
  return Object.hasOwn(FIELD_RANGES[kind], field) ? FIELD_RANGES[kind][field] : undefined;
}
