import { MalformedInput } from '../errors.ts';
import { internetChecksum } from './checksum.ts';
import { checkedField, checkedMultiple, parseCutShort, type FieldRanges } from './field.ts';
import { PROTOCOL } from './ipv4.ts';
import type { TcpFields, LayerOf } from './layer.ts';
import { buildOptions, paddedLength, hexOptions } from './options.ts';

/**
 * TCP (RFC 9293 §3.1). The high 4 bits at `dataOffset` are the header length in units of 4 bytes.
 *
 * ```
 *  0       1       2       3
 *  +---------------+---------------+
 *  |  source port  |  dest. port   |  0
 *  +---------------+---------------+
 *  |           sequence            |  4
 *  +-------------------------------+
 *  |        acknowledgement        |  8
 *  +---+---+-------+---------------+
 *  |len| 0 | flags |    window     | 12
 *  +---+---+-------+---------------+
 *  |   checksum    |    urgent     | 16
 *  +---------------+---------------+
 *  |  options, to a multiple of 4  | 20
 * ```
 */
export const TCP = {
  sourcePort: 0,
  destinationPort: 2,
  sequence: 4,
  acknowledgement: 8,
  dataOffset: 12,
  flags: 13,
  window: 14,
  checksum: 16,
  urgent: 18,
  headerLength: 20,
} as const;

/** Bits of the byte at `TCP.flags`. */
export const TCP_FLAG = {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
} as const;

/** One letter for each flag, from the high bit to the low. */
const LETTERS = 'CEUAPRSF';

export const TCP_FIELDS: FieldRanges<TcpFields> = {
  sourcePort: { offset: TCP.sourcePort, length: 2 },
  destinationPort: { offset: TCP.destinationPort, length: 2 },
  sequence: { offset: TCP.sequence, length: 4 },
  acknowledgement: { offset: TCP.acknowledgement, length: 4 },
  headerLength: { offset: TCP.dataOffset, length: 1 },
  flags: { offset: TCP.flags, length: 1 },
  window: { offset: TCP.window, length: 2 },
  checksum: { offset: TCP.checksum, length: 2 },
  urgent: { offset: TCP.urgent, length: 2 },
  options: { offset: TCP.headerLength, length: Infinity },
};

/** Fields of the header whose first `length` bytes are there. */
export function parseTcp(view: DataView, start: number, length: number): LayerOf<'tcp'> {
  if (length < TCP.headerLength) return parseCutShort(parseTcp, TCP_FIELDS, view, start, length, TCP.headerLength);
  const headerLength = (view.getUint8(start + TCP.dataOffset) >>> 4) * 4;
  const layer: LayerOf<'tcp'> = {
    kind: 'tcp',
    sourcePort: view.getUint16(start + TCP.sourcePort),
    destinationPort: view.getUint16(start + TCP.destinationPort),
    sequence: view.getUint32(start + TCP.sequence),
    acknowledgement: view.getUint32(start + TCP.acknowledgement),
    headerLength,
    flags: formatFlags(view.getUint8(start + TCP.flags)),
    window: view.getUint16(start + TCP.window),
    checksum: view.getUint16(start + TCP.checksum),
    urgent: view.getUint16(start + TCP.urgent),
    options: hexOptions(view, start + TCP.headerLength, start + length),
  };
  if (headerLength > length) Reflect.deleteProperty(layer, 'options'); // cut short
  return layer;
}

/** Bytes of the header that {@link buildTcp} writes. */
export function tcpHeaderLength(fields: TcpFields): number {
  return TCP.headerLength + paddedLength('tcp.options', fields.options);
}

/**
 * Writes the header at `start`; the data, already there, reach from behind it to `end`. `addresses` is the
 * partial sum of the addresses of the pseudo header. Left out: sequence 1000, window 8192, length and checksum as they should be,
 * all else zero.
 */
export function buildTcp(view: DataView, start: number, end: number, fields: TcpFields, addresses: number): void {
  const length = tcpHeaderLength(fields);
  const headerLength = checkedMultiple('tcp.headerLength', fields.headerLength ?? length, 60, 4);
  view.setUint16(start + TCP.sourcePort, checkedField('tcp.sourcePort', fields.sourcePort ?? 0, 0xffff));
  view.setUint16(start + TCP.destinationPort, checkedField('tcp.destinationPort', fields.destinationPort ?? 0, 0xffff));
  view.setUint32(start + TCP.sequence, checkedField('tcp.sequence', fields.sequence ?? 1000, 0xffff_ffff));
  view.setUint32(
    start + TCP.acknowledgement,
    checkedField('tcp.acknowledgement', fields.acknowledgement ?? 0, 0xffff_ffff),
  );
  view.setUint8(start + TCP.dataOffset, headerLength << 2);
  view.setUint8(start + TCP.flags, parseFlags(fields.flags ?? ''));
  view.setUint16(start + TCP.window, checkedField('tcp.window', fields.window ?? 8192, 0xffff));
  view.setUint16(start + TCP.checksum, 0);
  view.setUint16(start + TCP.urgent, checkedField('tcp.urgent', fields.urgent ?? 0, 0xffff));
  buildOptions(view, start + TCP.headerLength, start + length, fields.options);
  const pseudoHeader = addresses + PROTOCOL.tcp + (end - start);
  view.setUint16(
    start + TCP.checksum,
    checkedField('tcp.checksum', fields.checksum ?? internetChecksum(view, start, end - start, pseudoHeader), 0xffff),
  );
}

/** `tcp AS seq 5000 ack 1001 win 8192`; the acknowledgement number only where the flag A says that it counts. */
export function describeTcp(fields: TcpFields): string {
  const words = ['tcp'];
  if (fields.flags !== undefined) words.push(fields.flags === '' ? 'none' : fields.flags);
  if (fields.sequence !== undefined) words.push(`seq ${fields.sequence}`);
  if (fields.acknowledgement !== undefined && fields.flags?.includes('A') === true) {
    words.push(`ack ${fields.acknowledgement}`);
  }
  if (fields.window !== undefined) words.push(`win ${fields.window}`);
  if (fields.options !== undefined && fields.options !== '') words.push(`options ${fields.options}`);
  return words.join(' ');
}

function formatFlags(bits: number): string {
  let letters = '';
  for (let index = 0; index < LETTERS.length; index += 1) {
    if ((bits & (0x80 >>> index)) !== 0) letters += LETTERS.charAt(index);
  }
  return letters;
}

/** One order only: the same text must also do as an expectation. */
function parseFlags(letters: string): number {
  let bits = 0;
  for (const letter of letters) {
    const index = LETTERS.indexOf(letter);
    const bit = 0x80 >>> index;
    if (index < 0 || (bits & ((bit << 1) - 1)) !== 0) {
      throw new MalformedInput(`tcp.flags: '${letters}' is not some letters of ${LETTERS} in that order`);
    }
    bits |= bit;
  }
  return bits;
}
