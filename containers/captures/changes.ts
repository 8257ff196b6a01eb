import { parseMac } from '../../reference/wire/address.ts';
import { ETHERNET } from '../../reference/wire/ethernet.ts';
import { checksumErrors } from '../../reference/wire/checksum-errors.ts';
import type { FoundHeader } from '../../reference/wire/find-headers.ts';
import type { DissectedLayer } from '../../reference/wire/layer.ts';
import { dissect, fieldRange } from '../../reference/wire/packet.ts';
import { ftpEndpoint } from './ftp-line.ts';
import type { Names } from './names.ts';
import type { Packet } from './packet.ts';

/** Something that a director did to a packet, in words that hold for any other packet of the same kind. */
export interface Change {
  /** Index and kind of the layer in the frame that went out: `1 ip`; `payload` behind the last one. */
  readonly layer: string;
  readonly field: string;
  /** Byte offset in the frame that went out. */
  readonly offset: number;
  /** `ip.ttl -1`, `tcp.destinationPort 80 → 8080` */
  readonly text: string;
  /** The header that was put around the packet, for its fields: `ip`. */
  readonly around?: string;
  /** Follows from what an endpoint chose: two right directors may differ in it. */
  readonly isFree?: boolean;
}

/** What became of a packet between going in and coming out. Checksums are not changes; one that is wrong is. */
export function changesOf(before: Packet, after: Packet, names: Names): Change[] {
  const [ones, others] = [headersOf(before), headersOf(after)];
  /** Headers that were put around it; fewer than none were taken off. */
  const around = after.headers.indexOf(after.datagram) - before.headers.indexOf(before.datagram);
  const payload = payloadChanges(before, after, names);
  const changes = [
    ...others.slice(0, 1).flatMap((link) => linkChanges(link, names)),
    ...others
      .slice(1, Math.max(1, 1 + around))
      .flatMap((layer, index) => wrapped(layer, 1 + index, others[1 + around], names)),
    ...ones.slice(1, Math.max(1, 1 - around)).map((layer) => unwrapped(layer)),
  ];
  const error = after.isError ? others.findIndex(({ layer }) => layer.kind.startsWith('icmp')) : Infinity;
  for (let at = Math.max(1, 1 - around); at < Math.max(ones.length, others.length - around); at += 1) {
    const [index, one, other] = [at + around, ones[at], others[at + around]];
    const [kind, otherKind] = [one?.layer.kind ?? 'nothing', other?.layer.kind ?? 'nothing'];
    if (one === undefined || other === undefined || kind !== otherKind) {
      const [layer, offset] = [`${index} ${otherKind}`, other?.offset ?? after.view.byteLength];
      changes.push({ layer, field: 'kind', offset, text: `${kind} → ${otherKind}` });
      break;
    }
    const given = { index, hasOtherPayload: payload.length > 0, isQuoted: index > error };
    changes.push(...fieldChanges(one, other, given, names));
  }
  return [...changes, ...payload, ...checksumChanges(before, after)];
}

/** The layers before the payload, whose bytes are compared as they are. */
function headersOf({ frame, headers }: Packet): DissectedLayer[] {
  const last = headers.at(-1);
  return dissect(last?.kind === 'payload' ? frame.bytes.subarray(0, last.offset) : frame.bytes);
}

/** To whom it goes is always told; from whom, where it is not the director. */
function linkChanges({ layer }: DissectedLayer, names: Names): Change[] {
  if (layer.kind !== 'ethernet') return [];
  const { destination = '', source = '' } = layer;
  const to = names.ofMac(parseMac(destination)) ?? destination;
  const from = names.ofMac(parseMac(source)) ?? source;
  const changes: Change[] = [
    { layer: '0 ethernet', field: 'destination', offset: 0, text: `ethernet.destination → ${to}` },
  ];
  if (from !== 'director') {
    changes.push({ layer: '0 ethernet', field: 'source', offset: 6, text: `ethernet.source → ${from}` });
  }
  return changes;
}

/** Lengths and checksums follow from the rest; the id of a tunnel's header and the source port of GUE are anybody's choice. */
const NOT_TOLD_OF_WRAPPERS: ReadonlySet<string> = new Set([
  'headerLength',
  'totalLength',
  'payloadLength',
  'length',
  'checksum',
  'id',
  'offset',
  'flowLabel',
  'options',
  'sourcePort',
]);

/** @param inside the header of the packet that is wrapped */
function wrapped(
  { layer, offset }: DissectedLayer,
  index: number,
  inside: DissectedLayer | undefined,
  names: Names,
): Change[] {
  return Object.entries(layer).flatMap(([field, value]: readonly [string, unknown]) => {
    const range = fieldRange(layer.kind, field);
    if (range === undefined || NOT_TOLD_OF_WRAPPERS.has(field)) return [];
    // Programs change theirs in the middle of a connection.
    const isCopied = TRAFFIC.has(field) && value === trafficOf(inside);
    const text = `${field} ${isCopied ? 'as inside' : nameOf(value, names)}`;
    return [{ layer: `${index} ${layer.kind}`, field, offset: offset + range.offset, text, around: layer.kind }];
  });
}

const TRAFFIC: ReadonlySet<string> = new Set(['tos', 'trafficClass']);

function trafficOf(header: DissectedLayer | undefined): number | undefined {
  if (header?.layer.kind === 'ip') return header.layer.tos;
  return header?.layer.kind === 'ip6' ? header.layer.trafficClass : undefined;
}

function unwrapped({ layer: { kind } }: DissectedLayer): Change {
  return { layer: `1 ${kind}`, field: 'kind', offset: ETHERNET.headerLength, text: `out of ${kind}` };
}

/** What changes with the payload. */
const LENGTHS: ReadonlySet<string> = new Set(['headerLength', 'totalLength', 'payloadLength', 'length']);

interface Given {
  readonly index: number;
  readonly hasOtherPayload: boolean;
  readonly isQuoted: boolean;
}

function fieldChanges(
  { layer: one }: DissectedLayer,
  { layer: other, offset }: DissectedLayer,
  { index, hasOtherPayload, isQuoted }: Given,
  names: Names,
): Change[] {
  const [values, others] = [
    new Map<string, unknown>(Object.entries(one)),
    new Map<string, unknown>(Object.entries(other)),
  ];
  return [...new Set([...values.keys(), ...others.keys()])].flatMap((field) => {
    const [value, after] = [values.get(field), others.get(field)];
    const range = fieldRange(other.kind, field);
    if (value === after || range === undefined || field === 'checksum' || (hasOtherPayload && LENGTHS.has(field)))
      return [];
    const text = `${isQuoted ? 'quoted ' : ''}${other.kind}.${field} ${fieldText(field, value, after, names)}`;
    // Who cuts a packet in pieces takes any id (RFC 8200 §4.5).
    const isFree = other.kind === 'fragment' && field === 'id';
    const found = { layer: `${index} ${other.kind}`, field, offset: offset + range.offset };
    return [isFree ? { ...found, text: 'fragment.id another', isFree } : { ...found, text }];
  });
}

/** Fields of which only the difference says something: how far a packet came, how much was rewritten before it. */
const RELATIVE: ReadonlySet<string> = new Set(['ttl', 'hopLimit', 'sequence', 'acknowledgement']);

function fieldText(field: string, before: unknown, after: unknown, names: Names): string {
  if (RELATIVE.has(field) && typeof before === 'number' && typeof after === 'number') {
    const difference = (after - before) | 0;
    return `${difference > 0 ? '+' : '-'}${Math.abs(difference)}`;
  }
  return `${nameOf(before, names)} → ${nameOf(after, names)}`;
}

function nameOf(value: unknown, names: Names): string {
  if (value === undefined) return 'absent';
  if (value === '') return 'none';
  return typeof value === 'string' ? names.ofAddress(value) : JSON.stringify(value);
}

function payloadChanges(before: Packet, after: Packet, names: Names): Change[] {
  const [one, other] = [payloadOf(before), payloadOf(after)];
  if (one.equals(other)) return [];
  const last = after.headers.at(-1);
  const offset = last?.kind === 'payload' ? last.offset : after.view.byteLength;
  const [was, is] = [ftpEndpoint(one.toString('latin1'), names), ftpEndpoint(other.toString('latin1'), names)];
  const port = was?.port === is?.port ? '' : ', with another port';
  const text =
    was !== undefined && is !== undefined
      ? `'${was.symbolic}' → '${is.symbolic}'${port}`
      : `payload of ${one.length} bytes → other ${other.length} bytes`;
  return [{ layer: 'payload', field: 'data', offset, text }];
}

function payloadOf({ frame: { bytes }, headers }: Packet): Buffer {
  const last: FoundHeader | undefined = headers.at(-1);
  if (last?.kind !== 'payload') return Buffer.alloc(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset + last.offset, last.length);
}

/** A checksum that is wrong when it leaves; not told where it came in wrong already and only its packet went on. */
function checksumChanges(before: Packet, after: Packet): Change[] {
  return checksumErrors(after.frame.bytes).map(({ layer, kind, field }) => {
    const cameWrong = checksumErrors(before.frame.bytes).some((error) => error.kind === kind);
    const offset = (after.headers[layer]?.offset ?? 0) + (fieldRange(kind, field)?.offset ?? 0);
    return {
      layer: `${layer} ${kind}`,
      field,
      offset,
      text: `${kind}.${field} wrong${cameWrong ? ', as it came' : ''}`,
    };
  });
}
