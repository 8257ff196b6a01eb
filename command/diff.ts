import type { Capture, CapturedFrame } from '../conformance/captures/capture.ts';
import { differingFrames } from '../conformance/captures/differing-frames.ts';
import { frameDifferences } from '../conformance/captures/frame-differences.ts';
import { readCapture } from '../conformance/captures/read-capture.ts';
import { describePacket, dissect } from '../reference/wire/packet.ts';

/**
 * `lvs-conformance diff A B`: tells every field in which the frames of two captures differ, then a summary. Nothing is
 * tolerated; times and comments are not compared. Returns the exit status: 0 the same, 1 different. Throws
 * MalformedInput and UnsupportedFeature.
 *
 * ```
 * frame 3 | 3: 10.0.0.2:40001 > 10.0.0.100:80 tcp S seq 1000 win 8192 ttl 64
 *   1 ip.ttl @22: 64 | 63
 * frame 7 | -: only in a.pcap: arp who-has 10.0.0.100 tell 10.0.0.2
 * 7 frames compared: 1 differs, 1 only in a.pcap, 0 only in b.pcap
 * ```
 */
export function diff(pathA: string, pathB: string, out: (line: string) => void): number {
  const [left, right] = alike(readCapture(pathA), readCapture(pathB), out);
  const { compared, differing } = differingFrames(left, right, []);
  let [changed, onlyA, onlyB] = [0, 0, 0];
  for (const { pair } of differing) {
    const [one, other] = pair;
    const numbers = pair.map((side) => (side === null ? '-' : String(side.index + 1))).join(' | ');
    const shown = describePacket(dissect((one ?? other).frame.bytes));
    if (one === null) onlyB += 1;
    else if (other === null) onlyA += 1;
    else changed += 1;
    if (one === null || other === null) {
      out(`frame ${numbers}: only in ${one === null ? pathB : pathA}: ${shown}`);
      continue;
    }
    out(`frame ${numbers}: ${shown}`);
    for (const field of frameDifferences(one, other)) {
      out(`  ${field.layer}.${field.field} @${field.offset}: ${field.left} | ${field.right}`);
    }
  }
  out(`${compared} frames compared: ${changed} differ, ${onlyA} only in ${pathA}, ${onlyB} only in ${pathB}`);
  return differing.length === 0 ? 0 : 1;
}

/**
 * Frames are paired by interface and direction. What only one of the files knows (classic pcap knows neither) cannot
 * count.
 */
function alike(
  a: Capture,
  b: Capture,
  out: (line: string) => void,
): readonly [readonly CapturedFrame[], readonly CapturedFrame[]] {
  const interfaces = a.interfaces.length === b.interfaces.length;
  const directions = [...a.frames, ...b.frames].every(({ direction }) => direction !== undefined);
  if (!interfaces)
    out(
      `${a.interfaces.length} interfaces against ${b.interfaces.length}: frames are paired in the order of the files`,
    );
  const plain = (frame: CapturedFrame): CapturedFrame => ({
    ...frame,
    interface: interfaces ? frame.interface : 0,
    direction: directions ? frame.direction : undefined,
  });
  return [a.frames.map(plain), b.frames.map(plain)];
}
