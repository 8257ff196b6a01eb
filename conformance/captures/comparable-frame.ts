import { adjust16 } from '../../reference/wire/checksum.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';
import { dissect } from '../../reference/wire/packet.ts';
import type { CapturedFrame } from './capture.ts';
import type { IpLayer, ToleratedDifference } from './tolerated-differences.ts';

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
    tolerated.flatMap((difference) => ('ids' in difference ? difference.ids(frame, layers) : [])),
  );
  if (headers.size === 0) return frame.bytes;
  const copy = frame.bytes.slice();
  for (const header of headers) maskId(copy, header);
  return copy;
}

/** Sets the id to zero and the header checksum to what it would then be. */
function maskId(bytes: Uint8Array, { offset, length }: IpLayer): void {
  if (length < IPV4.headerLength) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  view.setUint16(IPV4.checksum, adjust16(view.getUint16(IPV4.checksum), view.getUint16(IPV4.id), 0));
  view.setUint16(IPV4.id, 0);
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}
