import { internetChecksum } from './checksum.ts';
import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import type { IcmpFields, LayerOf } from './layer.ts';

/**
 * ICMP (RFC 792). `rest` is identifier and sequence number of an echo, the next-hop MTU in its low half for 3/4 (RFC
 * 1191 §4).
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+---------------+
 *  | type  | code  |   checksum    |  0
 *  +-------+-------+---------------+
 *  |             rest              |  4
 *  +-------------------------------+
 *  |  errors: the IP header and data that they are about  |  8
 * ```
 */
export const ICMP = { type: 0, code: 1, checksum: 2, rest: 4, headerLength: 8 } as const;

export const ICMP_TYPE = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;

/** Codes of `ICMP_TYPE.unreachable`. */
export const UNREACHABLE = {
  network: 0,
  host: 1,
  protocol: 2,
  port: 3,
  fragmentationNeeded: 4,
  sourceRouteFailed: 5,
} as const;

export const ICMP_FIELDS: FieldRanges<IcmpFields> = {
  type: { offset: ICMP.type, length: 1 },
  code: { offset: ICMP.code, length: 1 },
  checksum: { offset: ICMP.checksum, length: 2 },
  rest: { offset: ICMP.rest, length: 4 },
};

/** RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1. */
const NAMES: Readonly<Record<string, string>> = {
  '0/0': 'echo reply',
  '3/0': 'network unreachable',
  '3/1': 'host unreachable',
  '3/2': 'protocol unreachable',
  '3/3': 'port unreachable',
  '3/4': 'fragmentation needed',
  '3/5': 'source route failed',
  '3/9': 'network prohibited',
  '3/10': 'host prohibited',
  '3/13': 'administratively prohibited',
  '4/0': 'source quench',
  '5/0': 'redirect network',
  '5/1': 'redirect host',
  '8/0': 'echo request',
  '11/0': 'time to live exceeded',
  '11/1': 'reassembly time exceeded',
  '12/0': 'parameter problem',
};

/** Whether a message of this type quotes the packet it is about (RFC 1122 §3.2.2). */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_TYPE.unreachable ||
    type === ICMP_TYPE.sourceQuench ||
    type === ICMP_TYPE.redirect ||
    type === ICMP_TYPE.timeExceeded ||
    type === ICMP_TYPE.parameterProblem
  );
}

/** Fields of the header whose first `length` bytes are there. */
export function parseIcmp(view: DataView, start: number, length: number): LayerOf<'icmp'> {
  if (length < ICMP.headerLength) return parseCutShort(parseIcmp, ICMP_FIELDS, view, start, length, ICMP.headerLength);
  return {
    kind: 'icmp',
    type: view.getUint8(start + ICMP.type),
    code: view.getUint8(start + ICMP.code),
    checksum: view.getUint16(start + ICMP.checksum),
    rest: view.getUint32(start + ICMP.rest),
  };
}

/**
 * Writes the header at `start`; the contents, already there, reach from behind it to `end`. Left out: an echo request,
 * rest 0.
 */
export function buildIcmp(view: DataView, start: number, end: number, fields: IcmpFields): void {
  view.setUint8(start + ICMP.type, checkedField('icmp.type', fields.type ?? ICMP_TYPE.echoRequest, 0xff));
  view.setUint8(start + ICMP.code, checkedField('icmp.code', fields.code ?? 0, 0xff));
  view.setUint16(start + ICMP.checksum, 0);
  view.setUint32(start + ICMP.rest, checkedField('icmp.rest', fields.rest ?? 0, 0xffff_ffff));
  view.setUint16(
    start + ICMP.checksum,
    checkedField('icmp.checksum', fields.checksum ?? internetChecksum(view, start, end - start), 0xffff),
  );
}

/** `icmp 3/4 fragmentation needed mtu 1400`, `icmp 8/0 echo request id 1 seq 2` */
export function describeIcmp(fields: IcmpFields): string {
  const { type, code, rest } = fields;
  const number = `${type ?? '?'}/${code ?? '?'}`;
  const words = ['icmp', number];
  const name = NAMES[number];
  if (name !== undefined) words.push(name);
  if (rest !== undefined && (type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply)) {
    words.push(`id ${rest >>> 16} seq ${rest & 0xffff}`);
  }
  if (rest !== undefined && type === ICMP_TYPE.unreachable && code === UNREACHABLE.fragmentationNeeded) {
    words.push(`mtu ${rest & 0xffff}`);
  }
  return words.join(' ');
}
