import type { Capture, CapturedFrame } from './capture.ts';
import { formatMac, readMac } from '../../reference/wire/address.ts';
import { ETHERNET } from '../../reference/wire/ethernet.ts';
import type { Tap } from './taps-of.ts';

/** A frame on its way over a segment, by its places in the capture. */
export interface Passage {
  /** Index of the frame as it was sent; null where it was only seen to arrive. */
  readonly sent: number | null;
  /** Indexes of the frame as it arrived: none where it was lost, several where it was for all. */
  readonly arrived: readonly number[];
}

interface Sent {
  readonly sent: number;
  readonly time: bigint;
  readonly arrived: number[];
  /** Interfaces at which it arrived. */
  readonly at: Set<number>;
}

/**
 * The frames of a merged capture, each once. What arrives is the last frame of the same bytes that was sent before and did not yet arrive
 * there: of a frame that is sent again because it was lost, the first is the lost one. In the order in which they were first seen.
 */
export function passagesOf({ frames }: Capture, taps: readonly Tap[]): readonly Passage[] {
  const sent = new Map<string, Sent[]>();
  frames.forEach((frame, index) => {
    if (frame.direction === 'out') {
      const beginning = beginningOf(frame);
      const same = sent.get(beginning) ?? [];
      sent.set(beginning, same);
      same.push({ sent: index, time: frame.timeNs, arrived: [], at: new Set() });
    }
  });
  const unsent: Passage[] = [];
  frames.forEach((frame, index) => {
    if (frame.direction !== 'in' || isOfAnother(frame, taps)) {
      return;
    }
    const passage = sent
      .get(beginningOf(frame))
      ?.findLast(({ time, at }) => time <= frame.timeNs && !at.has(frame.interface));
    if (passage === undefined) {
      unsent.push({ sent: null, arrived: [index] });
    } else {
      passage.arrived.push(index);
      passage.at.add(frame.interface);
    }
  });
  const all = [...sent.values()].flat().map(({ sent: index, arrived }): Passage => ({ sent: index, arrived }));
  return [...all, ...unsent].sort((one, other) => firstOf(one) - firstOf(other));
}

/** Index of the frame that stands for a passage: as it was sent, if that was seen. */
export function firstOf({ sent, arrived }: Passage): number {
  return sent ?? arrived[0] ?? 0;
}

/** A switch that does not know where a host is delivers to everybody; whoever has another MAC address takes no notice. */
function isOfAnother({ bytes, interface: place }: CapturedFrame, taps: readonly Tap[]): boolean {
  if (bytes.length < ETHERNET.headerLength) {
    return false;
  }
  const destination = formatMac(
    readMac(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), ETHERNET.destination),
  );
  return taps.some(({ mac }, index) => index !== place && mac === destination);
}

/** Enough to tell frames apart: all headers are in it, with checksums of what follows. */
const BEGINNING = 128;

function beginningOf({ bytes: { buffer, byteOffset, length } }: CapturedFrame): string {
  return `${length} ${Buffer.from(buffer, byteOffset, Math.min(length, BEGINNING)).toString('latin1')}`;
}
