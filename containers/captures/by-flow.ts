import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import { readPackets } from './packet.ts';

/** The frames of two captures with a number for interface and flow in the place of the interface's, the same in both. */
export function byFlow(left: Capture, right: Capture): readonly [left: CapturedFrame[], right: CapturedFrame[]] {
  const numbers = new Map<string, number>();
  return [numbered(left, numbers), numbered(right, numbers)];
}

function numbered(capture: Capture, numbers: Map<string, number>): CapturedFrame[] {
  const flows = new Map<number, string>();
  for (const { index, conversation } of readPackets(capture)) {
    const { protocol, source, sourcePort, destination, destinationPort } = conversation;
    const ends = [`${source} ${sourcePort}`, `${destination} ${destinationPort}`].sort();
    flows.set(index, `${protocol} ${ends.join(' ')}`);
  }
  return capture.frames.map((frame, index) => {
    const key = `${frame.interface} ${flows.get(index) ?? ''}`;
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return { ...frame, interface: number };
  });
}
