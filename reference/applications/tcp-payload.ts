import { rewriteLength } from '../forwarding/ip-header.ts';
import { transportChecksum } from '../forwarding/nat.ts';
import type { PacketBuffer } from '../forwarding/packet-buffer.ts';
import { adjust16 } from '../wire/checksum.ts';
import { TCP } from '../wire/tcp.ts';
import type { SequenceAdjustment } from './sequence-adjustment.ts';

const SACK = 5;
const LARGEST_DATAGRAM = 65535;

/** First byte behind the TCP header; the packet's end if the header's length is none. */
export function payloadStart(packet: PacketBuffer): number {
  const { view, transport, transportLength, end } = packet;
  const headerLength = (view.getUint8(transport + TCP.dataOffset) >> 4) * 4;
  return headerLength < TCP.headerLength || headerLength > transportLength ? end : transport + headerLength;
}

/** The payload as text, one character a byte. */
export function payloadText(packet: PacketBuffer): string {
  let text = '';
  for (const byte of packet.bytes.subarray(payloadStart(packet), packet.end)) text += String.fromCharCode(byte);
  return text;
}

/**
 * Puts `text` in the place of the payload's characters from `from` to `to`. Returns by how many bytes the payload grew; undefined,
 * with nothing done, if the datagram would become too long to be one.
 */
export function replaceInPayload(packet: PacketBuffer, from: number, to: number, text: string): number | undefined {
  const { bytes, view } = packet;
  const first = payloadStart(packet) + from;
  const difference = text.length - (to - from);
  if (packet.length + difference > LARGEST_DATAGRAM) return undefined;
  bytes.copyWithin(first + text.length, first + to - from, packet.end);
  for (let i = 0; i < text.length; i++) view.setUint8(first + i, text.charCodeAt(i));
  packet.end += difference;
  rewriteLength(packet);
  // Cut anew: nobody knows which of its fragments grew.
  packet.fragments = [];
  view.setUint16(packet.transport + TCP.checksum, transportChecksum(packet));
  return difference;
}

/** Makes the segment's numbers those that its receiver counts by: `own` for its direction, `other` for what it acknowledges. */
export function adjustNumbers(packet: PacketBuffer, own: SequenceAdjustment, other: SequenceAdjustment): void {
  const { view, transport } = packet;
  if (own.isActive) {
    const field = transport + TCP.sequence;
    rewriteField32(packet, field, own.sequence(view.getUint32(field)));
  }
  if (!other.isActive) return;
  const field = transport + TCP.acknowledgement;
  rewriteField32(packet, field, other.acknowledgement(view.getUint32(field)));
  for (const block of selectiveAcknowledgements(packet)) {
    rewriteField32(packet, block, other.acknowledgement(view.getUint32(block)));
  }
}

/** Where the edges of the selective acknowledgement blocks stand (RFC 2018 §3). */
function selectiveAcknowledgements(packet: PacketBuffer): number[] {
  const { view, transport } = packet;
  const edges: number[] = [];
  const headerLength = (view.getUint8(transport + TCP.dataOffset) >> 4) * 4;
  const end = Math.min(transport + headerLength, packet.end);
  for (let at = transport + TCP.headerLength; at < end;) {
    const kind = view.getUint8(at);
    if (kind === 0) break;
    const length = kind === 1 ? 1 : at + 1 < end ? view.getUint8(at + 1) : 0;
    if (length === 0 || (kind !== 1 && length < 2) || at + length > end) break;
    if (kind === SACK) for (let edge = at + 2; edge + 4 <= at + length; edge += 4) edges.push(edge);
    at += length;
  }
  return edges;
}

function rewriteField32(packet: PacketBuffer, field: number, value: number): void {
  const { view, transport } = packet;
  // The checksum is a sum of 16-bit words: a field on an odd byte touches three of them.
  const first = field - ((field - transport) % 2);
  const words = [first, first + 2, ...(first === field ? [] : [first + 4])];
  const before = words.map((word) => view.getUint16(word));
  view.setUint32(field, value);
  let checksum = view.getUint16(transport + TCP.checksum);
  words.forEach((word, index) => {
    checksum = adjust16(checksum, before[index] ?? 0, view.getUint16(word));
  });
  view.setUint16(transport + TCP.checksum, checksum);
}
