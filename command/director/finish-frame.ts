import { finish, internetChecksum, sum } from '../../reference/wire/checksum.ts';
import { ETHER_TYPE, ETHERNET } from '../../reference/wire/ethernet.ts';
import { IPV4, PROTOCOL } from '../../reference/wire/ipv4.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { TCP, TCP_FLAG } from '../../reference/wire/tcp.ts';
import { UDP } from '../../reference/wire/udp.ts';
import type { Unfinished } from './host.ts';

/**
 * Does what the sender left to hardware, so that the director gets frames as they would have been on a wire: fills in the checksum, and
 * cuts a frame that stands for many into those. A frame of which that cannot be done is not delivered.
 */
export function finishFrame(frame: Uint8Array, unfinished: Unfinished, deliver: (frame: Uint8Array) => void): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (unfinished.segmentSize > 0) {
    const headers = headersOf(view);
    if (headers !== undefined) deliverSegments(view, headers, unfinished.segmentSize, deliver);
    return;
  }
  const { checksum } = unfinished;
  if (checksum !== undefined) {
    const { start, offset } = checksum;
    if (start + offset + 2 > frame.length) return;
    // The field holds the sum of the pseudo header; UDP's checksum is never 0 (RFC 768), and 0xffff means the same to the others.
    view.setUint16(start + offset, internetChecksum(view, start, frame.length - start) || 0xffff);
  }
  deliver(frame);
}

interface Headers {
  readonly version: 4 | 6;
  readonly protocol: number;
  /** Where TCP or UDP begins. */
  readonly transport: number;
  /** Where the data begins. */
  readonly payload: number;
}

/** The headers before the data of a TCP or UDP frame; undefined where it is none, or cut short. */
function headersOf(view: DataView): Headers | undefined {
  const ip = ETHERNET.headerLength;
  if (view.byteLength < ip + IPV4.headerLength) return undefined;
  const type = view.getUint16(ETHERNET.type);
  if (type !== ETHER_TYPE.ipv4 && type !== ETHER_TYPE.ipv6) return undefined;
  const version = type === ETHER_TYPE.ipv4 ? 4 : 6;
  const protocol = view.getUint8(ip + (version === 4 ? IPV4.protocol : IPV6.nextHeader));
  const transport = ip + (version === 4 ? (view.getUint8(ip) & 0x0f) * 4 : IPV6.headerLength);
  const isTcp = protocol === PROTOCOL.tcp;
  if (!isTcp && protocol !== PROTOCOL.udp) return undefined;
  const least = transport + (isTcp ? TCP.headerLength : UDP.headerLength);
  if (least > view.byteLength) return undefined;
  const payload = isTcp ? transport + (view.getUint8(transport + TCP.dataOffset) >> 4) * 4 : least;
  return payload < least || payload > view.byteLength ? undefined : { version, protocol, transport, payload };
}

/** As a network card does it: each segment has the frame's headers, and what differs from one segment to the next is written anew. */
function deliverSegments(
  whole: DataView,
  { version, protocol, transport, payload }: Headers,
  segmentSize: number,
  deliver: (frame: Uint8Array) => void,
): void {
  const bytes = new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength);
  const segment = new Uint8Array(payload + segmentSize);
  const view = new DataView(segment.buffer);
  const ip = ETHERNET.headerLength;
  for (let from = payload, number = 0; from < bytes.length; from += segmentSize, number++) {
    const data = bytes.subarray(from, from + segmentSize);
    const isLast = from + data.length === bytes.length;
    segment.set(bytes.subarray(0, payload));
    segment.set(data, payload);
    const length = payload + data.length - transport;
    if (version === 4) {
      view.setUint16(ip + IPV4.totalLength, payload + data.length - ip);
      view.setUint16(ip + IPV4.id, whole.getUint16(ip + IPV4.id) + number);
      view.setUint16(ip + IPV4.checksum, 0);
      view.setUint16(ip + IPV4.checksum, internetChecksum(view, ip, transport - ip));
    } else {
      view.setUint16(ip + IPV6.payloadLength, length);
    }
    if (protocol === PROTOCOL.tcp) {
      view.setUint32(transport + TCP.sequence, whole.getUint32(transport + TCP.sequence) + from - payload);
      // RFC 3168 §6.1.2: CWR is said once, with the first; FIN and PSH are about the end of the data.
      const notFirst = number === 0 ? 0 : TCP_FLAG.cwr;
      const notLast = isLast ? 0 : TCP_FLAG.fin | TCP_FLAG.psh;
      view.setUint8(transport + TCP.flags, whole.getUint8(transport + TCP.flags) & ~(notFirst | notLast));
    } else {
      view.setUint16(transport + UDP.length, length);
    }
    const field = transport + (protocol === PROTOCOL.tcp ? TCP.checksum : UDP.checksum);
    view.setUint16(field, 0);
    const addresses = version === 4 ? sum(view, ip + IPV4.source, 8) : sum(view, ip + IPV6.source, 32);
    view.setUint16(field, finish(sum(view, transport, length, addresses + protocol + length)) || 0xffff);
    deliver(segment.subarray(0, payload + data.length));
  }
}
