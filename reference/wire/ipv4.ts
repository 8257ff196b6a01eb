import { formatIpv4 } from './address.ts';
import { internetChecksum } from './checksum.ts';
import { checkedField, checkedIpv4, checkedMultiple, parseCutShort, type FieldRanges } from './field.ts';
import type { IpFields, LayerOf } from './layer.ts';
import { buildOptions, paddedLength, hexOptions } from './options.ts';

/**
 * IPv4 (RFC 791 §3.1). The word at `fragment` holds, from the high bit: reserved, DF, MF, 13 bits of offset in units
 * of 8 bytes.
 *
 * ```
 *  0       1       2       3
 *  +---+---+-------+---------------+
 *  |ver|ihl|  tos  |  total length |  0
 *  +---+---+-------+-+-------------+
 *  |      id       |f|   offset    |  4
 *  +-------+-------+-+-------------+
 *  |  ttl  | proto |   checksum    |  8
 *  +-------+-------+---------------+
 *  |            source             | 12
 *  +-------------------------------+
 *  |          destination          | 16
 *  +-------------------------------+
 *  |  options, to a multiple of 4  | 20
 * ```
 */
export const IPV4 = {
  versionAndLength: 0,
  tos: 1,
  totalLength: 2,
  id: 4,
  fragment: 6,
  ttl: 8,
  protocol: 9,
  checksum: 10,
  source: 12,
  destination: 16,
  headerLength: 20,
} as const;

/** Bits of the word at `IPV4.fragment`. */
export const FRAGMENT = { df: 0x4000, mf: 0x2000, offsetMask: 0x1fff, offsetUnit: 8 } as const;

/** IANA "Protocol Numbers". `reserved` stands for contents that have none. */
export const PROTOCOL = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  gre: 47,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  sctp: 132,
  reserved: 255,
} as const;

export const IP_FIELDS: FieldRanges<IpFields> = {
  headerLength: { offset: IPV4.versionAndLength, length: 1 },
  tos: { offset: IPV4.tos, length: 1 },
  totalLength: { offset: IPV4.totalLength, length: 2 },
  id: { offset: IPV4.id, length: 2 },
  df: { offset: IPV4.fragment, length: 1 },
  mf: { offset: IPV4.fragment, length: 1 },
  offset: { offset: IPV4.fragment, length: 2 },
  ttl: { offset: IPV4.ttl, length: 1 },
  protocol: { offset: IPV4.protocol, length: 1 },
  checksum: { offset: IPV4.checksum, length: 2 },
  source: { offset: IPV4.source, length: 4 },
  destination: { offset: IPV4.destination, length: 4 },
  options: { offset: IPV4.headerLength, length: Infinity },
};

/** Fields of the header whose first `length` bytes are there. The version, taken for 4, is none of them. */
export function parseIp(view: DataView, start: number, length: number): LayerOf<'ip'> {
  if (length < IPV4.headerLength) return parseCutShort(parseIp, IP_FIELDS, view, start, length, IPV4.headerLength);
  const headerLength = (view.getUint8(start + IPV4.versionAndLength) & 0x0f) * 4;
  const fragment = view.getUint16(start + IPV4.fragment);
  const layer: LayerOf<'ip'> = {
    kind: 'ip',
    headerLength,
    tos: view.getUint8(start + IPV4.tos),
    totalLength: view.getUint16(start + IPV4.totalLength),
    id: view.getUint16(start + IPV4.id),
    df: (fragment & FRAGMENT.df) !== 0,
    mf: (fragment & FRAGMENT.mf) !== 0,
    offset: (fragment & FRAGMENT.offsetMask) * FRAGMENT.offsetUnit,
    ttl: view.getUint8(start + IPV4.ttl),
    protocol: view.getUint8(start + IPV4.protocol),
    checksum: view.getUint16(start + IPV4.checksum),
    source: formatIpv4(view.getUint32(start + IPV4.source)),
    destination: formatIpv4(view.getUint32(start + IPV4.destination)),
    options: hexOptions(view, start + IPV4.headerLength, start + length),
  };
  if (headerLength > length) Reflect.deleteProperty(layer, 'options'); // cut short
  return layer;
}

/** Bytes of the header that {@link buildIp} writes. */
export function ipHeaderLength(fields: IpFields): number {
  return IPV4.headerLength + paddedLength('ip.options', fields.options);
}

/**
 * Writes the header at `start`; the contents reach from there to `end`. Left out: TTL 64, id 0x1234, DF set, lengths
 * and checksum as they should be, addresses 0.0.0.0, and `protocol` for that of what follows.
 */
export function buildIp(view: DataView, start: number, end: number, fields: IpFields, protocol: number): void {
  const length = ipHeaderLength(fields);
  const headerLength = checkedMultiple('ip.headerLength', fields.headerLength ?? length, 60, 4);
  const offset = checkedMultiple('ip.offset', fields.offset ?? 0, 0xfff8, FRAGMENT.offsetUnit);
  view.setUint8(start + IPV4.versionAndLength, 0x40 | (headerLength / 4));
  view.setUint8(start + IPV4.tos, checkedField('ip.tos', fields.tos ?? 0, 0xff));
  view.setUint16(start + IPV4.totalLength, checkedField('ip.totalLength', fields.totalLength ?? end - start, 0xffff));
  view.setUint16(start + IPV4.id, checkedField('ip.id', fields.id ?? 0x1234, 0xffff));
  view.setUint16(
    start + IPV4.fragment,
    ((fields.df ?? true) ? FRAGMENT.df : 0) | ((fields.mf ?? false) ? FRAGMENT.mf : 0) | (offset / FRAGMENT.offsetUnit),
  );
  view.setUint8(start + IPV4.ttl, checkedField('ip.ttl', fields.ttl ?? 64, 0xff));
  view.setUint8(start + IPV4.protocol, checkedField('ip.protocol', fields.protocol ?? protocol, 0xff));
  view.setUint16(start + IPV4.checksum, 0);
  view.setUint32(start + IPV4.source, ipAddress(fields, 'source'));
  view.setUint32(start + IPV4.destination, ipAddress(fields, 'destination'));
  buildOptions(view, start + IPV4.headerLength, start + length, fields.options);
  const checksum = fields.checksum ?? internetChecksum(view, start, length);
  view.setUint16(start + IPV4.checksum, checkedField('ip.checksum', checksum, 0xffff));
}

/** The address that {@link buildIp} writes, as uint32. */
export function ipAddress(fields: IpFields, name: 'source' | 'destination'): number {
  return checkedIpv4(name === 'source' ? 'ip.source' : 'ip.destination', fields[name]);
}

/** What of the header is worth telling beside the addresses: `fragment id 4660 offset 1480 mf tos 0x10 ttl 64`. */
export function describeIp(fields: IpFields): string {
  const words: string[] = [];
  if (fields.mf === true || (fields.offset ?? 0) > 0) {
    words.push(`fragment id ${fields.id ?? '?'} offset ${fields.offset ?? '?'}${fields.mf === true ? ' mf' : ''}`);
  }
  if (fields.tos !== undefined && fields.tos !== 0) words.push(`tos 0x${fields.tos.toString(16).padStart(2, '0')}`);
  if (fields.options !== undefined && fields.options !== '') words.push(`ip-options ${fields.options}`);
  words.push(`ttl ${fields.ttl ?? '?'}`);
  return words.join(' ');
}
