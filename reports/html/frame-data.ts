import type { CapturedFrame } from '../../conformance/captures/capture.ts';
import { ARP_FIELDS } from '../../reference/wire/arp.ts';
import { ETHERNET_FIELDS } from '../../reference/wire/ethernet.ts';
import type { FieldRange } from '../../reference/wire/field.ts';
import { toHex } from '../../reference/wire/hex.ts';
import { ICMP_FIELDS } from '../../reference/wire/icmp.ts';
import { IP_FIELDS } from '../../reference/wire/ipv4.ts';
import { Markup } from './markup.ts';
import { dissect } from '../../reference/wire/packet.ts';
import { TCP_FIELDS } from '../../reference/wire/tcp.ts';
import { UDP_FIELDS } from '../../reference/wire/udp.ts';

/** Frames longer than this are shown by their beginning: the capture has the rest. In bytes. */
const MOST_BYTES = 2048;

/**
 * A frame for the byte view of the page's script: its bytes in hexadecimal, its layers (kind, first byte, length, values of its fields), and
 * the number of bytes that are not shown. Which fields these are, and where they lie, {@link fieldPlaces} tells; null where one is cut off.
 */
export type FrameData = readonly [hex: string, layers: readonly LayerData[], hidden: number];
type LayerData = readonly [kind: string, offset: number, length: number, ...values: unknown[]];

const TABLES = {
  ethernet: ETHERNET_FIELDS,
  arp: ARP_FIELDS,
  ip: IP_FIELDS,
  tcp: TCP_FIELDS,
  udp: UDP_FIELDS,
  icmp: ICMP_FIELDS,
  payload: {},
};

/** Names of the fields that are shown. Payload and options are in the bytes already. */
const NAMES = Object.fromEntries(
  Object.entries(TABLES).map(([kind, fields]) => [kind, Object.keys(fields).filter((name) => name !== 'options')]),
);

export function frameData({ bytes }: CapturedFrame): FrameData {
  const layers = dissect(bytes).map(({ layer, offset, length }): LayerData => {
    const values = new Map<string, unknown>(Object.entries(layer));
    return [layer.kind, offset, length, ...(NAMES[layer.kind] ?? []).map((name) => values.get(name) ?? null)];
  });
  return [toHex(bytes.subarray(0, MOST_BYTES)), layers, Math.max(0, bytes.length - MOST_BYTES)];
}

/** Name, first byte in its layer and length of every field that is shown, by kind of layer. */
export function fieldPlaces(): Readonly<Record<string, readonly (readonly [string, number, number])[]>> {
  return Object.fromEntries(
    Object.entries(TABLES).map(([kind, fields]) => [
      kind,
      Object.entries(fields)
        .filter(([name]) => name !== 'options')
        .map(([name, { offset, length }]: [string, FieldRange]) => [name, offset, length] as const),
    ]),
  );
}

/** As the content of a `<script type="application/json">`: no text in it can end the element or open another. */
export function jsonForPage(value: unknown): Markup {
  const text = JSON.stringify(value).replace(
    /[<>&\u007f-\u009f\u2028\u2029\ufffe\uffff]|[\ud800-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Markup(text);
}
