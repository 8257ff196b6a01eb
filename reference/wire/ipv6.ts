import { checkedField, checkedIpv6, parseCutShort, type FieldRanges } from './field.ts';
import { formatIpv6, readIpv6, writeIpv6 } from './ipv6-address.ts';
import type { Ip6Fields, LayerOf } from './layer.ts';

/**
 * IPv6 (RFC 8200 §3). The first word holds, from the high bit: version, traffic class, flow label. The payload length
 * counts what follows the header, extension headers too.
 *
 * ```
 *  0       1       2       3
 *  +---+-------+---+---------------+
 *  |ver| class |    flow label     |  0
 *  +---+-------+---+-------+-------+
 *  |payload length | next  |  hop  |  4
 *  |               | header| limit |
 *  +---------------+-------+-------+
 *  |            source             |  8
 *  +-------------------------------+
 *  |          destination          | 24
 *  +-------------------------------+
 * ```
 */
export const IPV6 = {
  versionClassFlow: 0,
  payloadLength: 4,
  nextHeader: 6,
  hopLimit: 7,
  source: 8,
  destination: 24,
  headerLength: 40,
} as const;

/** The least that every link must carry (RFC 8200 §5). */
export const IPV6_MINIMUM_MTU = 1280;

/**
 * Next headers that are part of the IPv6 header chain (RFC 8200 §4); those of what is carried are in `PROTOCOL` of
 * ipv4.ts. `none` says that nothing follows (§4.7).
 */
export const NEXT_HEADER = { hopByHop: 0, routing: 43, fragment: 44, none: 59, destinationOptions: 60 } as const;

export const IP6_FIELDS: FieldRanges<Ip6Fields> = {
  trafficClass: { offset: IPV6.versionClassFlow, length: 2 },
  flowLabel: { offset: IPV6.versionClassFlow + 1, length: 3 },
  payloadLength: { offset: IPV6.payloadLength, length: 2 },
  nextHeader: { offset: IPV6.nextHeader, length: 1 },
  hopLimit: { offset: IPV6.hopLimit, length: 1 },
  source: { offset: IPV6.source, length: 16 },
  destination: { offset: IPV6.destination, length: 16 },
};

/** Fields of the header whose first `length` bytes are there. The version, taken for 6, is none of them. */
export function parseIp6(view: DataView, start: number, length: number): LayerOf<'ip6'> {
  if (length < IPV6.headerLength) return parseCutShort(parseIp6, IP6_FIELDS, view, start, length, IPV6.headerLength);
  const word = view.getUint32(start + IPV6.versionClassFlow);
  return {
    kind: 'ip6',
    trafficClass: (word >>> 20) & 0xff,
    flowLabel: word & 0xf_ffff,
    payloadLength: view.getUint16(start + IPV6.payloadLength),
    nextHeader: view.getUint8(start + IPV6.nextHeader),
    hopLimit: view.getUint8(start + IPV6.hopLimit),
    source: formatIpv6(readIpv6(view, start + IPV6.source)),
    destination: formatIpv6(readIpv6(view, start + IPV6.destination)),
  };
}

/**
 * Writes the header at `start`; the contents reach from behind it to `end`. Left out: hop limit 64, traffic class and
 * flow label 0, the payload length as it should be, addresses `::`, and `nextHeader` for that of what follows.
 */
export function buildIp6(view: DataView, start: number, end: number, fields: Ip6Fields, nextHeader: number): void {
  const trafficClass = checkedField('ip6.trafficClass', fields.trafficClass ?? 0, 0xff);
  const flowLabel = checkedField('ip6.flowLabel', fields.flowLabel ?? 0, 0xf_ffff);
  const payloadLength = fields.payloadLength ?? end - start - IPV6.headerLength;
  view.setUint32(start + IPV6.versionClassFlow, 0x6000_0000 | (trafficClass << 20) | flowLabel);
  view.setUint16(start + IPV6.payloadLength, checkedField('ip6.payloadLength', payloadLength, 0xffff));
  view.setUint8(start + IPV6.nextHeader, checkedField('ip6.nextHeader', fields.nextHeader ?? nextHeader, 0xff));
  view.setUint8(start + IPV6.hopLimit, checkedField('ip6.hopLimit', fields.hopLimit ?? 64, 0xff));
  writeIpv6(view, start + IPV6.source, ip6Address(fields, 'source'));
  writeIpv6(view, start + IPV6.destination, ip6Address(fields, 'destination'));
}

/** The address that {@link buildIp6} writes, as 128 bits. */
export function ip6Address(fields: Ip6Fields, name: 'source' | 'destination'): bigint {
  return checkedIpv6(name === 'source' ? 'ip6.source' : 'ip6.destination', fields[name]);
}

/** What of the header is worth telling beside the addresses: `class 0x03 flow 0x12345 hlim 64`. */
export function describeIp6({ trafficClass = 0, flowLabel = 0, hopLimit }: Ip6Fields): string {
  const words: string[] = [];
  if (trafficClass !== 0) words.push(`class 0x${trafficClass.toString(16).padStart(2, '0')}`);
  if (flowLabel !== 0) words.push(`flow 0x${flowLabel.toString(16).padStart(5, '0')}`);
  words.push(`hlim ${hopLimit ?? '?'}`);
  return words.join(' ');
}
