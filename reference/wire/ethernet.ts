import { formatMac, readMac, writeMac } from './address.ts';
import { checkedField, checkedMac, parseCutShort, type FieldRanges } from './field.ts';
import type { EthernetFields, LayerOf } from './layer.ts';

/**
 * Ethernet II frames without preamble, padding and FCS (IEEE 802.3 §3.1.1, RFC 894).
 *
 * ```
 *  0      6      12     14
 *  +------+------+------+----------
 *  | dest.|source| type | contents
 *  +------+------+------+----------
 * ```
 */
export const ETHERNET = { destination: 0, source: 6, type: 12, headerLength: 14 } as const;

/** IANA "IEEE 802 Numbers". `experimental` is IEEE Std 802 local experimental 1, for contents that have no type. */
export const ETHER_TYPE = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd, experimental: 0x88b5 } as const;

export const ETHERNET_FIELDS: FieldRanges<EthernetFields> = {
  destination: { offset: ETHERNET.destination, length: 6 },
  source: { offset: ETHERNET.source, length: 6 },
  type: { offset: ETHERNET.type, length: 2 },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseEthernet(view: DataView, start: number, length: number): LayerOf<'ethernet'> {
  if (length < ETHERNET.headerLength) {
    return parseCutShort(parseEthernet, ETHERNET_FIELDS, view, start, length, ETHERNET.headerLength);
  }
  return {
    kind: 'ethernet',
    destination: formatMac(readMac(view, start + ETHERNET.destination)),
    source: formatMac(readMac(view, start + ETHERNET.source)),
    type: view.getUint16(start + ETHERNET.type),
  };
}

/** Writes the header at `start`. `type` is the ether type of what follows, where the fields state none. */
export function buildEthernet(view: DataView, start: number, fields: EthernetFields, type: number): void {
  writeMac(view, start + ETHERNET.destination, checkedMac('ethernet.destination', fields.destination));
  writeMac(view, start + ETHERNET.source, checkedMac('ethernet.source', fields.source));
  view.setUint16(start + ETHERNET.type, checkedField('ethernet.type', fields.type ?? type, 0xffff));
}

/** `ethernet 02:00:0a:00:00:02 > 02:00:0a:00:00:01 type 0x0800` */
export function describeEthernet(fields: EthernetFields): string {
  const type = fields.type === undefined ? '?' : `0x${fields.type.toString(16).padStart(4, '0')}`;
  return `ethernet ${fields.source ?? '?'} > ${fields.destination ?? '?'} type ${type}`;
}
