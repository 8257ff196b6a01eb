import { adjust16 } from '../../reference/wire/checksum.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';
import { FRAGMENT_HEADER } from '../../reference/wire/ipv6-fragment.ts';
import { IPV6 } from '../../reference/wire/ipv6.ts';
import { dissect } from '../../reference/wire/packet.ts';
import { UDP, udpChecksum } from '../../reference/wire/udp.ts';
import type { CapturedFrame } from './capture.ts';
import type { DissectedLayer } from '../../reference/wire/layer.ts';
import type { ToleratedDifference } from './tolerated-differences.ts';

/** A frame that takes part in a comparison. */
export class ComparableFrame {
  /** Among the frames of its capture, from 0. */
  readonly index: number;
  readonly frame: CapturedFrame;
  readonly #tolerated: readonly ToleratedDifference[];
  #masked: Uint8Array | undefined;

  constructor(index: number, frame: CapturedFrame, tolerated: readonly ToleratedDifference[]) {
    this.index = index;
    this.frame = frame;
    this.#tolerated = tolerated;
  }

  /** The frame's bytes with all that is not compared made equal. Made on demand: most frames are the same without. */
  get masked(): Uint8Array {
    this.#masked ??= masked(this.frame, this.#tolerated);
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

function masked(frame: CapturedFrame, tolerated: readonly ToleratedDifference[]): Uint8Array {
  if (tolerated.length === 0) return frame.bytes;
  const layers = dissect(frame.bytes);
  const headers = new Set(
    tolerated.flatMap((difference) => ('numbers' in difference ? difference.numbers(frame, layers) : [])),
  );
  const ports = tolerated.flatMap((difference) =>
    'sourcePorts' in difference ? difference.sourcePorts(frame, layers) : [],
  );
  if (headers.size + ports.length === 0) return frame.bytes;
  const copy = frame.bytes.slice();
  for (const header of headers) maskNumber(copy, header);
  for (const header of ports) maskSourcePort(copy, header);
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

/** The same for the source port of a datagram. */
function maskSourcePort(bytes: Uint8Array, { offset, length }: DissectedLayer): void {
  if (length < UDP.headerLength) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  const checksum = adjust16(view.getUint16(UDP.checksum), view.getUint16(UDP.sourcePort), 0);
  view.setUint16(UDP.checksum, udpChecksum(checksum));
  view.setUint16(UDP.sourcePort, 0);
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}
