import type { CapturedFrame } from '../../conformance/captures/capture.ts';
import { FIELD_RANGES } from '../../reference/wire/field-ranges.ts';
import { toHex } from '../../reference/wire/hex.ts';
import { Markup } from './markup.ts';
import { dissect } from '../../reference/wire/packet.ts';

/** Frames longer than this are shown by their beginning: the capture has the rest. In bytes. */
const MOST_BYTES = 2048;

/**
 * A frame for the byte view of the page's script: its bytes in hexadecimal, its layers (kind, first byte, length, values of its fields), and
 * the number of bytes that are not shown. Which fields these are, and where they lie, {@link fieldPlaces} tells; null where one is cut off.
 */
export type FrameData = readonly [hex: string, layers: readonly LayerData[], hidden: number];
type LayerData = readonly [kind: string, offset: number, length: number, ...values: unknown[]];

/** Name, first byte in its layer and length of every field that is shown, by kind of layer. Payload and options are in the bytes already. */
const PLACES: Readonly<Record<string, readonly (readonly [name: string, offset: number, length: number])[]>> =
  Object.fromEntries(
    Object.entries(FIELD_RANGES).map(([kind, fields]) => [
      kind,
      Object.entries(fields)
        .filter(([, { length }]) => length !== Infinity)
        .map(([name, { offset, length }]) => [name, offset, length] as const),
    ]),
  );

export function frameData({ bytes }: CapturedFrame): FrameData {
  const layers = dissect(bytes).map(({ layer, offset, length }): LayerData => {
    const values = new Map<string, unknown>(Object.entries(layer));
    return [layer.kind, offset, length, ...(PLACES[layer.kind] ?? []).map(([name]) => values.get(name) ?? null)];
  });
  return [toHex(bytes.subarray(0, MOST_BYTES)), layers, Math.max(0, bytes.length - MOST_BYTES)];
}

/** The places of the fields that are shown, in the order of their values. */
export function fieldPlaces(): typeof PLACES {
  return PLACES;
}

/** As the content of a `<script type="application/json">`: no text in it can end the element or open another. */
export function jsonForPage(value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    /[<>&\u007f-\u009f\u2028\u2029\ufffe\uffff]|[\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Markup(text);
}
