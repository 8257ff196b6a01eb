import { type ChecksumError, checksumErrors, fieldRange } from '../../reference/wire/packet.ts';
import type { LayerKind } from '../../reference/wire/layer.ts';
import { describeExpected } from './describe-template.ts';
import { deviation } from './deviations.ts';
import type { Matcher, TemplateLayer } from './expectation.ts';
import type { Packet } from './lab.ts';

/** One thing about a packet that is not as its template says. */
export interface Difference {
  /** Index of the layer in the packet, from the Ethernet layer, 0. */
  readonly layer: number;
  readonly kind: LayerKind;
  /** Absent where the whole layer is another or not there. */
  readonly field?: string;
  /** Byte offset of the field in the frame. */
  readonly offset?: number;
  readonly expected: string;
  readonly observed: string;
}

export interface Match {
  /** Empty where the packet is right. */
  readonly differences: readonly Difference[];
  /** Ids of the documented deviations that the packet shows. */
  readonly deviations: readonly string[];
}

type Value = string | number | boolean;

/**
 * Holds a packet against a template. The template's first layer is looked for in the packet, the others must follow it one by one;
 * layers after the template's last are free. Every checksum that the template does not state must be right.
 */
export function matchPacket(template: readonly TemplateLayer[], packet: Packet): Match {
  const differences: Difference[] = [];
  const deviations: string[] = [];
  const stated = new Set<number>();
  const found = packet.layers.findIndex(({ layer }) => layer.kind === template[0]?.kind);
  const start = found >= 0 ? found : Number(template[0]?.kind !== 'ethernet');
  for (const [index, expected] of template.entries()) {
    const position = start + index;
    const observed = packet.layers[position];
    if (observed?.layer.kind !== expected.kind) {
      differences.push({
        layer: position,
        kind: expected.kind,
        expected: expected.kind,
        observed: observed?.layer.kind ?? 'nothing',
      });
      break;
    }
    if ('checksum' in expected) stated.add(position);
    for (const { field, wanted, seen } of differingFields(expected, observed.layer, deviations)) {
      const { skipped, texts } = describeBoth(wanted, seen);
      const range = fieldRange(expected.kind, field);
      differences.push({
        layer: position,
        kind: expected.kind,
        field,
        ...(range === undefined ? {} : { offset: observed.offset + range.offset + skipped }),
        expected: texts[0],
        observed: texts[1],
      });
    }
  }
  for (const error of checksumErrors(packet.bytes)) {
    if (!stated.has(error.layer)) differences.push(wrongChecksum(error, packet));
  }
  return { differences, deviations };
}

/** `1 ip.ttl (byte 22): expected 63, observed 64`. */
export function describeDifference({ layer, kind, field, offset, expected, observed }: Difference): string {
  const place = field === undefined ? `layer ${layer}` : `${kind}.${field}${layer > 2 ? ` of layer ${layer}` : ''}`;
  return `${place}${offset === undefined ? '' : ` (byte ${offset})`}: expected ${expected}, observed ${observed}`;
}

interface DifferingField {
  readonly field: string;
  readonly wanted: Value | Matcher<Value>;
  readonly seen: Value | undefined;
}

function differingFields(expected: TemplateLayer, observed: object, deviations: string[]): readonly DifferingField[] {
  const differing: DifferingField[] = [];
  const fields: Readonly<Record<string, Value>> = Object.fromEntries(Object.entries(observed));
  for (const [field, wanted] of Object.entries(expected) as [string, Value | Matcher<Value> | undefined][]) {
    if (field === 'kind' || wanted === undefined) continue;
    const seen = fields[field];
    const isSame = (value: Value) => seen !== undefined && sameValue(unitOf(expected.kind, field), value, seen);
    if (!accepts(wanted, seen, isSame)) differing.push({ field, wanted, seen });
    if (typeof wanted !== 'object' || !('required' in wanted)) continue;
    deviation(wanted.deviation);
    if (isSame(wanted.deviates) && !isSame(wanted.required)) deviations.push(wanted.deviation);
  }
  return differing;
}

function accepts(wanted: Value | Matcher<Value>, seen: Value | undefined, isSame: (value: Value) => boolean): boolean {
  if (typeof wanted !== 'object') return isSame(wanted);
  if ('oneOf' in wanted) return wanted.oneOf.some(isSame);
  if ('required' in wanted) return isSame(wanted.required) || isSame(wanted.deviates);
  return seen !== undefined;
}

/** What a field is filled up to when it is built: so many bytes, less those of the header that stand before it. */
interface Unit {
  readonly bytes: number;
  readonly before: number;
}

function unitOf(kind: LayerKind, field: string): Unit {
  if (kind === 'routing' && field === 'data') return { bytes: 8, before: 4 };
  if (field !== 'options') return { bytes: 1, before: 0 };
  return kind === 'hopByHop' || kind === 'destinationOptions' ? { bytes: 8, before: 2 } : { bytes: 4, before: 0 };
}

/** What is built from a literal must match it: hexadecimal in either case, options with the zeros that fill them up. */
function sameValue({ bytes, before }: Unit, wanted: Value, seen: Value): boolean {
  if (wanted === seen || typeof wanted !== 'string' || typeof seen !== 'string') return wanted === seen;
  const length = Math.ceil((wanted.length / 2 + before) / bytes) * bytes - before;
  const filled = bytes === 1 ? wanted : wanted.padEnd(2 * length, '0');
  return filled.toLowerCase() === seen.toLowerCase();
}

/** Hexadecimal data longer than this is told from the first byte that differs. */
const TOLD_WHOLE = 32;

/** Both values as text, and how many bytes of data that are the same on both sides were left out. */
function describeBoth(
  wanted: Value | Matcher<Value>,
  seen: Value | undefined,
): { readonly skipped: number; readonly texts: readonly [string, string] } {
  if (typeof wanted !== 'string' || typeof seen !== 'string' || Math.max(wanted.length, seen.length) <= TOLD_WHOLE) {
    return { skipped: 0, texts: [describeExpected(wanted), seen === undefined ? 'nothing' : describeExpected(seen)] };
  }
  let same = 0;
  while (wanted.slice(same, same + 2) === seen.slice(same, same + 2)) same += 2;
  return { skipped: same / 2, texts: [describeExpected(wanted.slice(same)), describeExpected(seen.slice(same))] };
}

function wrongChecksum({ layer, kind, expected, observed }: ChecksumError, packet: Packet): Difference {
  const offset = (packet.layers[layer]?.offset ?? 0) + (fieldRange(kind, 'checksum')?.offset ?? 0);
  return { layer, kind, field: 'checksum', offset, expected: hex(expected), observed: `${hex(observed)} (wrong)` };
}

const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;
