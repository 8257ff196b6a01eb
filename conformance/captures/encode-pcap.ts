import { MalformedInput } from '../../reference/errors.ts';
import type { Capture } from './capture.ts';
import { PCAP } from './pcap-format.ts';

const NS_PER_SECOND = 1_000_000_000n;

/**
 * A whole file, little-endian: microseconds, or nanoseconds if a time needs them. Interfaces, directions and comments
 * have no place in this format. Throws MalformedInput for a time that does not fit (before 1970 or after 2106).
 */
export function encodePcap(capture: Capture, name: string): Uint8Array {
  const nanoseconds = capture.frames.some((frame) => frame.timeNs % 1000n !== 0n);
  const size = capture.frames.reduce<number>(
    (sum, frame) => sum + PCAP.recordHeader + frame.bytes.length,
    PCAP.fileHeader,
  );
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  const unlimited = capture.interfaces.some(({ snaplen }) => snaplen === 0);
  const snaplen = unlimited ? 0 : capture.interfaces.reduce((most, port) => Math.max(most, port.snaplen), 0);
  view.setUint32(0, nanoseconds ? PCAP.nanoseconds : PCAP.microseconds, true);
  view.setUint16(4, PCAP.major, true);
  view.setUint16(6, PCAP.minor, true);
  view.setUint32(16, snaplen, true);
  view.setUint32(20, PCAP.ethernet, true);
  let at = PCAP.fileHeader;
  for (const [index, frame] of capture.frames.entries()) {
    const seconds = frame.timeNs / NS_PER_SECOND;
    if (frame.timeNs < 0n || seconds > 0xffffffffn) {
      throw new MalformedInput(
        `${name}: the time of frame ${index + 1}, ${frame.timeNs} ns, does not fit into a pcap file; write .pcapng`,
      );
    }
    const rest = Number(frame.timeNs % NS_PER_SECOND);
    view.setUint32(at, Number(seconds), true);
    view.setUint32(at + 4, nanoseconds ? rest : rest / 1000, true);
    view.setUint32(at + 8, frame.bytes.length, true);
    view.setUint32(at + 12, frame.originalLength, true);
    bytes.set(frame.bytes, at + PCAP.recordHeader);
    at += PCAP.recordHeader + frame.bytes.length;
  }
  return bytes;
}
