import { adjust16 } from '../../reference/wire/checksum.ts';
import { IPV4 } from '../../reference/wire/ipv4.ts';
import { dissect } from '../../reference/wire/packet.ts';
import type { CapturedFrame } from './capture.ts';
import type { IpLayer, ToleratedDifference } from './tolerated-differences.ts';

/** A frame that takes part in a comparison. */
export interface ComparableFrame {
  /** Among the frames of its capture, from 0. */
  readonly index: number;
  readonly frame: CapturedFrame;
  /** The frame's bytes with all that is not compared made equal. */
  readonly masked: Uint8Array;
}

/** The frames of a capture that are compared, in order. */
export function comparableFrames(
  frames: readonly CapturedFrame[],
  tolerated: readonly ToleratedDifference[],
): ComparableFrame[] {
  const comparable: ComparableFrame[] = [];
  for (const [index, frame] of frames.entries()) {
    const layers = tolerated.length === 0 ? [] : dissect(frame.bytes);
    const ignored = tolerated.map((difference) => difference.ignores(frame, layers));
    if (ignored.includes('frame')) continue;
    const headers = ignored.flatMap((item) => (item === 'frame' ? [] : item));
    comparable.push({ index, frame, masked: headers.length === 0 ? frame.bytes : withoutIds(frame.bytes, headers) });
  }
  return comparable;
}

/** A copy in which the ids of these headers are zero, and their header checksums are what they would then be. */
function withoutIds(bytes: Uint8Array, headers: readonly IpLayer[]): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const { offset, length } of headers) {
    if (length < IPV4.headerLength) continue;
    const id = view.getUint16(offset + IPV4.id);
    const checksum = view.getUint16(offset + IPV4.checksum);
    view.setUint16(offset + IPV4.checksum, adjust16(checksum, id, 0));
    view.setUint16(offset + IPV4.id, 0);
  }
  return copy;
}
