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
  const start = Math.max(found, 0);
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
    matchLayer(
      expected,
      observed.layer,
      (field, wanted, seen) => {
        const range = fieldRange(expected.kind, field);
        differences.push({
          layer: position,
          kind: expected.kind,
          field,
          ...(range === undefined ? {} : { offset: observed.offset + range.offset }),
          expected: describeExpected(wanted),
          observed: seen === undefined ? 'nothing' : describeExpected(seen),
        });
      },
      deviations,
    );
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

function matchLayer(
  expected: TemplateLayer,
  observed: object,
  differs: (field: string, wanted: Value | Matcher<Value>, seen: Value | undefined) => void,
  deviations: string[],
): void {
  const fields: Readonly<Record<string, Value>> = Object.fromEntries(Object.entries(observed));
  for (const [field, wanted] of Object.entries(expected) as [string, Value | Matcher<Value> | undefined][]) {
    if (field === 'kind' || wanted === undefined) continue;
    const seen = fields[field];
    if (typeof wanted === 'object' && 'required' in wanted) {
      deviation(wanted.deviation);
      if (seen === wanted.deviates && seen !== wanted.required) deviations.push(wanted.deviation);
    }
    if (!accepts(wanted, seen)) differs(field, wanted, seen);
  }
}

function accepts(wanted: Value | Matcher<Value>, seen: Value | undefined): boolean {
  if (seen === undefined) return false;
  if (typeof wanted !== 'object') return wanted === seen;
  if ('oneOf' in wanted) return wanted.oneOf.includes(seen);
  if ('required' in wanted) return seen === wanted.required || seen === wanted.deviates;
  return true;
}

function wrongChecksum({ layer, kind, expected, observed }: ChecksumError, packet: Packet): Difference {
  const offset = (packet.layers[layer]?.offset ?? 0) + (fieldRange(kind, 'checksum')?.offset ?? 0);
  return { layer, kind, field: 'checksum', offset, expected: hex(expected), observed: `${hex(observed)} (wrong)` };
}

const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;
