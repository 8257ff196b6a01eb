import { formatMac, readMac, writeMac } from './address.ts';
import { checkedField, checkedIpv6, checkedMac, parseCutShort, type FieldRanges } from './field.ts';
import { formatIpv6, readIpv6, writeIpv6 } from './ipv6-address.ts';
import type { LayerOf, NeighbourFields } from './layer.ts';

/**
 * What follows the ICMPv6 header of a neighbour solicitation or advertisement (RFC 4861 §4.3, §4.4) with the option that
 * names an Ethernet address (§4.6.1, RFC 2464 §6). A solicitation to detect duplicates has no option. Options of other
 * kinds are data.
 *
 * ```
 *  0                               16  17  18              24
 *  +-------------------------------+---+---+---------------+
 *  |        target address         |opt| 1 |  MAC address  |
 *  +-------------------------------+---+---+---------------+
 * ```
 */
export const NEIGHBOUR = {
  target: 0,
  option: 16,
  optionLength: 17,
  mac: 18,
  shortLength: 16,
  headerLength: 24,
} as const;

/** Whose Ethernet address it is: the sender's in a solicitation, the target's in an advertisement. */
export const LINK_LAYER_OPTION = { source: 1, target: 2 } as const;

export const NEIGHBOUR_FIELDS: FieldRanges<NeighbourFields> = {
  target: { offset: NEIGHBOUR.target, length: 16 },
  option: { offset: NEIGHBOUR.option, length: 1 },
  mac: { offset: NEIGHBOUR.mac, length: 6 },
};

/** Bytes up to the end of the option, of `available` ones; those of the target where the option is another or missing. */
export function neighbourLength(view: DataView, start: number, available: number): number {
  if (available <= NEIGHBOUR.option) return NEIGHBOUR.shortLength;
  const option = view.getUint8(start + NEIGHBOUR.option);
  const units = available > NEIGHBOUR.optionLength ? view.getUint8(start + NEIGHBOUR.optionLength) : 1;
  const isLinkLayer = option === LINK_LAYER_OPTION.source || option === LINK_LAYER_OPTION.target;
  return isLinkLayer && units === 1 ? NEIGHBOUR.headerLength : NEIGHBOUR.shortLength;
}

/** Fields of the header whose first `length` bytes are there; without option those of 16 bytes. */
export function parseNeighbour(view: DataView, start: number, length: number): LayerOf<'neighbour'> {
  if (length < NEIGHBOUR.headerLength) {
    return parseCutShort(parseNeighbour, NEIGHBOUR_FIELDS, view, start, length, NEIGHBOUR.headerLength);
  }
  return {
    kind: 'neighbour',
    target: formatIpv6(readIpv6(view, start + NEIGHBOUR.target)),
    option: view.getUint8(start + NEIGHBOUR.option),
    mac: formatMac(readMac(view, start + NEIGHBOUR.mac)),
  };
}

/** Bytes that {@link buildNeighbour} writes. */
export function builtNeighbourLength({ option, mac }: NeighbourFields): number {
  return option === undefined && mac === undefined ? NEIGHBOUR.shortLength : NEIGHBOUR.headerLength;
}

/** Writes the fields at `start`. Left out: target `::`; with a MAC address the option of a solicitation, else none. */
export function buildNeighbour(view: DataView, start: number, fields: NeighbourFields): void {
  writeIpv6(view, start + NEIGHBOUR.target, checkedIpv6('neighbour.target', fields.target));
  if (builtNeighbourLength(fields) === NEIGHBOUR.shortLength) return;
  const option = checkedField('neighbour.option', fields.option ?? LINK_LAYER_OPTION.source, 0xff);
  view.setUint8(start + NEIGHBOUR.option, option);
  view.setUint8(start + NEIGHBOUR.optionLength, 1);
  writeMac(view, start + NEIGHBOUR.mac, checkedMac('neighbour.mac', fields.mac));
}

/** `target 2001:db8::100 source-link 02:00:00:00:00:c2` */
export function describeNeighbour({ target, option, mac }: NeighbourFields): string {
  const link = option === LINK_LAYER_OPTION.target ? 'target-link' : 'source-link';
  return `target ${target ?? '?'}${mac === undefined ? '' : ` ${link} ${mac}`}`;
}
