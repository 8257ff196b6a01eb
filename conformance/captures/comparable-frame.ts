import { adjust16 } from '../../reference/wire/checksum.ts';
import { ICMP } from '../../reference/wire/icmp.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';
import { FRAGMENT_HEADER } from '../../reference/wire/ipv6-fragment.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { dissect } from '../../reference/wire/packet.ts';
import type { CapturedFrame } from './capture.ts';
import type { DissectedLayer } from '../../reference/wire/layer.ts';
import { UDP } from '../../reference/wire/udp.ts';
import type { Dissected, GueTraffic } from './gue-traffic.ts';
import type { ToleratedDifference } from './tolerated-differences.ts';

/** A frame that takes part in a comparison. */
export class ComparableFrame {
  /** Among the frames of its capture, from 0. */
  readonly index: number;
  readonly frame: CapturedFrame;
  readonly #tolerated: readonly ToleratedDifference[];
  readonly #traffic: GueTraffic;
  #masked: Uint8Array | undefined;

  /** @param traffic that of the frame's capture */
  constructor(index: number, frame: CapturedFrame, tolerated: readonly ToleratedDifference[], traffic: GueTraffic) {
    this.index = index;
    this.frame = frame;
    this.#tolerated = tolerated;
    this.#traffic = traffic;
  }

  /** The frame's bytes with all that is not compared made equal. Made on demand: most frames are the same without. */
  get masked(): Uint8Array {
    this.#masked ??= masked(this.frame, this.#tolerated, this.#traffic);
    return this.#masked;
  }

  /** Whether nothing that is compared differs. The other frame has the same direction. */
  equals(other: ComparableFrame): boolean {
    if (
      this.frame.originalLength !== other.frame.originalLength ||
      this.frame.bytes.length !== other.frame.bytes.length
    )
      return false;
    return sameBytes(this.frame.bytes, other.frame.bytes) || sameBytes(this.masked, other.masked);
  }
}

function masked(frame: CapturedFrame, tolerated: readonly ToleratedDifference[], traffic: GueTraffic): Uint8Array {
  if (tolerated.length === 0) return frame.bytes;
  const layers = dissect(frame.bytes);
  const headers = new Set(
    tolerated.flatMap((difference) => ('numbers' in difference ? difference.numbers(frame, layers, traffic) : [])),
  );
  const datagrams = tolerated.flatMap((difference) =>
    'sourcePorts' in difference ? difference.sourcePorts(frame, layers, traffic) : [],
  );
  if (headers.size === 0 && datagrams.length === 0) return frame.bytes;
  const copy = frame.bytes.slice();
  for (const header of headers) maskNumber(copy, header);
  for (const datagram of datagrams) maskSourcePort(copy, datagram, layers);
  return copy;
}

/** Sets the number of a whole header to zero, and the checksum of an IPv4 header to what it would then be. */
function maskNumber(bytes: Uint8Array, { layer: { kind }, offset, length }: DissectedLayer): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  if (kind === 'ip' && length >= IPV4.headerLength) {
    view.setUint16(IPV4.checksum, adjust16(view.getUint16(IPV4.checksum), view.getUint16(IPV4.id), 0));
    view.setUint16(IPV4.id, 0);
  }
  if (kind === 'ip6' && length >= IPV6.headerLength) {
    view.setUint32(IPV6.versionClassFlow, view.getUint32(IPV6.versionClassFlow) & 0xfff0_0000);
  }
  if (kind === 'fragment' && length >= FRAGMENT_HEADER.headerLength) view.setUint32(FRAGMENT_HEADER.id, 0);
}

/**
 * Sets the source port to zero, and the checksum of UDP to what it would then be; without one, that of the ICMP error that quotes the datagram.
 */
function maskSourcePort(
  bytes: Uint8Array,
  { offset, length }: Dissected<'udp'>,
  layers: readonly DissectedLayer[],
): void {
  if (length < UDP.headerLength) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const port = view.getUint16(offset + UDP.sourcePort);
  const isSummed = view.getUint16(offset + UDP.checksum) !== 0;
  const error = layers.findLast(({ layer, offset: start }) => layer.kind === 'icmp' && start < offset);
  const field = isSummed ? offset + UDP.checksum : error === undefined ? undefined : error.offset + ICMP.checksum;
  view.setUint16(offset + UDP.sourcePort, 0);
  if (field !== undefined) view.setUint16(field, adjust16(view.getUint16(field), port, 0));
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}
