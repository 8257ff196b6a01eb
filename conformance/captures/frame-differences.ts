import { toHex } from '../../reference/wire/hex.ts';
import type { DissectedLayer } from '../../reference/wire/layer.ts';
import { dissect, fieldRange } from '../../reference/wire/packet.ts';
import type { ComparableFrame } from './comparable-frame.ts';

/** A field in which two frames differ. */
export interface FieldDifference {
  /**
   * Index and kind of the layer, e.g. `1 ip`; `payload` for bytes behind the last layer, `frame` for the length on the
   * wire.
   */
  readonly layer: string;
  /**
   * A field of the layer; `kind` where the layers are not the same, `reserved` for header bits without a name,
   * `padding` behind the last layer.
   */
  readonly field: string;
  /** In the frame: the field's first byte, or the first byte that differs in options, payload and padding. */
  readonly offset: number;
  /** The values as text. */
  readonly left: string;
  readonly right: string;
}

/**
 * Every difference between two frames, outermost layer first; empty only if the masked bytes and the lengths on the
 * wire are the same.
 */
export function frameDifferences(left: ComparableFrame, right: ComparableFrame): FieldDifference[] {
  const differences: FieldDifference[] = [];
  /** Bytes from here on are accounted for. */
  let end = Infinity;
  const told: (readonly [from: number, to: number])[] = [];
  const [ones, others] = [dissect(left.masked), dissect(right.masked)];
  const [shownOnes, shownOthers] = [dissect(left.frame.bytes), dissect(right.frame.bytes)];

  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const [one, other] = [ones[index], others[index]];
    const [kind, otherKind] = [one?.layer.kind, other?.layer.kind];
    const start = Math.min(one?.offset ?? Infinity, other?.offset ?? Infinity);
    if (one === undefined || other === undefined || kind !== otherKind) {
      const layer = `${index} ${kind ?? otherKind ?? ''}`;
      differences.push({ layer, field: 'kind', offset: start, left: kind ?? 'absent', right: otherKind ?? 'absent' });
      end = Math.min(end, start);
      break;
    }
    // Behind a header that is longer on one side, bytes at the same offset have nothing to do with each other; the
    // fields do.
    if (one.offset !== other.offset) end = Math.min(end, start);
    const [values, otherValues] = [valuesOf(one), valuesOf(other)];
    const [shown, otherShown] = [valuesOf(shownOnes[index] ?? one), valuesOf(shownOthers[index] ?? other)];
    for (const field of new Set([...values.keys(), ...otherValues.keys()])) {
      const range = fieldRange(one.layer.kind, field);
      if (range === undefined || values.get(field) === otherValues.get(field)) continue;
      const from = one.offset + range.offset;
      const to = from + range.length;
      told.push([from, Math.min(to, Math.max(one.offset + one.length, other.offset + other.length))]);
      const texts = fieldTexts(field, shown.get(field), otherShown.get(field));
      differences.push({
        layer: `${index} ${one.layer.kind}`,
        field,
        offset: from + texts.skipped,
        left: texts.left,
        right: texts.right,
      });
    }
  }

  const at = firstDifference(left.masked, right.masked, end, told);
  if (at !== null) {
    const index = ones.findIndex(({ offset, length }) => at >= offset && at < offset + length);
    const layer = index < 0 ? 'payload' : `${index} ${ones[index]?.layer.kind ?? ''}`;
    const length = index < 0 ? Infinity : 1;
    differences.push({
      layer,
      field: index < 0 ? 'padding' : 'reserved',
      offset: at,
      left: excerpt(toHex(left.frame.bytes.subarray(at, at + length))),
      right: excerpt(toHex(right.frame.bytes.subarray(at, at + length))),
    });
  }
  const [length, otherLength] = [left.frame.originalLength, right.frame.originalLength];
  if (differences.length === 0 && length !== otherLength) {
    differences.push({ layer: 'frame', field: 'length', offset: 0, left: String(length), right: String(otherLength) });
  }
  return differences;
}

type Value = string | number | boolean | undefined;

function valuesOf({ layer }: DissectedLayer): Map<string, Value> {
  return new Map<string, Value>(Object.entries(layer));
}

function firstDifference(
  left: Uint8Array,
  right: Uint8Array,
  end: number,
  told: readonly (readonly [number, number])[],
): number | null {
  const stop = Math.min(end, Math.max(left.length, right.length));
  for (let at = 0; at < stop; at += 1) {
    if (left[at] !== right[at] && !told.some(([from, to]) => at >= from && at < to)) return at;
  }
  return null;
}

/** Fields that people read as bit patterns. */
const HEXADECIMAL = new Set(['type', 'tos', 'id', 'checksum']);

/** Both values as text. Of hexadecimal data `skipped` bytes that are the same on both sides are left out. */
function fieldTexts(field: string, left: Value, right: Value): { skipped: number; left: string; right: string } {
  if ((field === 'data' || field === 'options') && typeof left === 'string' && typeof right === 'string') {
    let skipped = 0;
    while (left.slice(2 * skipped, 2 * skipped + 2) === right.slice(2 * skipped, 2 * skipped + 2)) skipped += 1;
    return { skipped, left: excerpt(left.slice(2 * skipped)), right: excerpt(right.slice(2 * skipped)) };
  }
  const text = (value: Value): string => {
    if (value === undefined) return 'absent';
    if (typeof value === 'number' && HEXADECIMAL.has(field)) return `0x${value.toString(16).padStart(4, '0')}`;
    return value === '' ? 'none' : String(value);
  };
  return { skipped: 0, left: text(left), right: text(right) };
}

/** At most 16 bytes of hexadecimal text. */
function excerpt(data: string): string {
  if (data === '') return 'end of data';
  return data.length <= 32 ? data : `${data.slice(0, 32)}… (${data.length / 2} bytes)`;
}
