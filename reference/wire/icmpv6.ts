import { internetChecksum } from './checksum.ts';
import { checkedField, parseCutShort, type FieldRanges } from './field.ts';
import { PROTOCOL } from './ipv4.ts';
import type { Icmp6Fields, LayerOf } from './layer.ts';

/**
 * ICMPv6 (RFC 4443 §2.1). `rest` is identifier and sequence number of an echo, the MTU of packet too big, the pointer of
 * a parameter problem, the flags of a neighbour advertisement (RFC 4861 §4.4).
 *
 * ```
 *  0       1       2       3
 *  +-------+-------+---------------+
 *  | type  | code  |   checksum    |  0
 *  +-------+-------+---------------+
 *  |             rest              |  4
 *  +-------------------------------+
 *  |  errors: as much of the packet that they are about as 1280 bytes hold  |  8
 * ```
 */
export const ICMP6 = { type: 0, code: 1, checksum: 2, rest: 4, headerLength: 8 } as const;

/** RFC 4443 §3 and §4, RFC 4861 §4, RFC 2710 §3, RFC 3810 §5.2. */
export const ICMP6_TYPE = {
  unreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  listenerQuery: 130,
  listenerReport: 131,
  listenerDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  redirect: 137,
  listenerReportVersion2: 143,
} as const;

/** Codes of `ICMP6_TYPE.unreachable`. */
export const UNREACHABLE6 = { noRoute: 0, prohibited: 1, beyondScope: 2, address: 3, port: 4 } as const;

/** Bits of `rest` in a neighbour advertisement: from a router, solicited, override. */
export const ADVERTISEMENT = { router: 0x8000_0000, solicited: 0x4000_0000, override: 0x2000_0000 } as const;

export const ICMP6_FIELDS: FieldRanges<Icmp6Fields> = {
  type: { offset: ICMP6.type, length: 1 },
  code: { offset: ICMP6.code, length: 1 },
  checksum: { offset: ICMP6.checksum, length: 2 },
  rest: { offset: ICMP6.rest, length: 4 },
};

const NAMES: Readonly<Record<string, string>> = {
  '1/0': 'no route',
  '1/1': 'administratively prohibited',
  '1/2': 'beyond scope of source',
  '1/3': 'address unreachable',
  '1/4': 'port unreachable',
  '1/5': 'source address failed policy',
  '1/6': 'reject route',
  '2/0': 'packet too big',
  '3/0': 'hop limit exceeded',
  '3/1': 'reassembly time exceeded',
  '4/0': 'erroneous header field',
  '4/1': 'unrecognized next header',
  '4/2': 'unrecognized option',
  '128/0': 'echo request',
  '129/0': 'echo reply',
  '130/0': 'listener query',
  '131/0': 'listener report',
  '132/0': 'listener done',
  '133/0': 'router solicitation',
  '134/0': 'router advertisement',
  '135/0': 'neighbour solicitation',
  '136/0': 'neighbour advertisement',
  '137/0': 'redirect',
  '143/0': 'listener report v2',
};

/** Whether a message of this type is an error, which quotes the packet it is about (RFC 4443 §2.1). */
export function isIcmp6Error(type: number): boolean {
  return type < 128;
}

/** Fields of the header whose first `length` bytes are there. */
export function parseIcmp6(view: DataView, start: number, length: number): LayerOf<'icmp6'> {
  if (length < ICMP6.headerLength) {
    return parseCutShort(parseIcmp6, ICMP6_FIELDS, view, start, length, ICMP6.headerLength);
  }
  return {
    kind: 'icmp6',
    type: view.getUint8(start + ICMP6.type),
    code: view.getUint8(start + ICMP6.code),
    checksum: view.getUint16(start + ICMP6.checksum),
    rest: view.getUint32(start + ICMP6.rest),
  };
}

/**
 * Writes the header at `start`; the contents, already there, reach from behind it to `end`. `addresses` is the partial
 * sum of the addresses of the pseudo header (RFC 8200 §8.1). Left out: an echo request, rest 0.
 */
export function buildIcmp6(view: DataView, start: number, end: number, fields: Icmp6Fields, addresses: number): void {
  view.setUint8(start + ICMP6.type, checkedField('icmp6.type', fields.type ?? ICMP6_TYPE.echoRequest, 0xff));
  view.setUint8(start + ICMP6.code, checkedField('icmp6.code', fields.code ?? 0, 0xff));
  view.setUint16(start + ICMP6.checksum, 0);
  view.setUint32(start + ICMP6.rest, checkedField('icmp6.rest', fields.rest ?? 0, 0xffff_ffff));
  const checksum = internetChecksum(view, start, end - start, addresses + PROTOCOL.icmpv6 + (end - start));
  view.setUint16(start + ICMP6.checksum, checkedField('icmp6.checksum', fields.checksum ?? checksum, 0xffff));
}

/** `icmp6 2/0 packet too big mtu 1400`, `icmp6 128/0 echo request id 1 seq 2` */
export function describeIcmp6(fields: Icmp6Fields): string {
  const { type, code, rest } = fields;
  const number = `${type ?? '?'}/${code ?? '?'}`;
  const words = ['icmp6', number];
  const name = NAMES[number];
  if (name !== undefined) words.push(name);
  if (rest !== undefined && (type === ICMP6_TYPE.echoRequest || type === ICMP6_TYPE.echoReply)) {
    words.push(`id ${rest >>> 16} seq ${rest & 0xffff}`);
  }
  if (rest !== undefined && type === ICMP6_TYPE.packetTooBig) words.push(`mtu ${rest}`);
  if (rest !== undefined && type === ICMP6_TYPE.parameterProblem) words.push(`pointer ${rest}`);
  if (rest !== undefined && type === ICMP6_TYPE.neighbourAdvertisement) words.push(...advertised(rest));
  return words.join(' ');
}

function advertised(rest: number): string[] {
  return Object.entries(ADVERTISEMENT).flatMap(([name, bit]) => ((rest & bit) === 0 ? [] : [name]));
}
