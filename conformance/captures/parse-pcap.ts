import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { captureDamage, requireEthernet } from './capture-damage.ts';
import type { Capture, CapturedFrame } from './capture.ts';
import { PCAP } from './pcap-format.ts';

const NS_PER_SECOND = 1_000_000_000n;

/** Whether the file begins with one of the four magic numbers. */
export function isPcap(bytes: Uint8Array): boolean {
  return byteOrderAndUnit(bytes) !== null;
}

/** Reads a whole file. Throws MalformedInput and UnsupportedFeature. */
export function parsePcap(bytes: Uint8Array, name: string): Capture {
  const format = byteOrderAndUnit(bytes);
  if (format === null) throw new MalformedInput(`${name}: byte 0: no pcap magic number; give a pcap file`);
  const { little, nanoseconds } = format;
  if (bytes.length < PCAP.fileHeader) {
    throw captureDamage(
      name,
      0,
      1,
      `the file header has ${PCAP.fileHeader} bytes, the file ends after ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const version = `${view.getUint16(4, little)}.${view.getUint16(6, little)}`;
  // Before 2.4 the two lengths of a record may be swapped (libpcap, sf-pcap.c).
  if (version !== '2.4') {
    throw new UnsupportedFeature(
      `${name}: byte 4: pcap version ${version}, only 2.4 is read; rewrite it with: editcap ${name} new.pcapng`,
    );
  }
  const snaplen = view.getUint32(16, little);
  const link = view.getUint32(20, little);
  requireEthernet(name, 20, link & 0xffff, (link & PCAP.checkSequencePresent) === 0 ? 0 : (link >>> 28) * 2);

  const frames: CapturedFrame[] = [];
  const unit = nanoseconds ? 1 : 1000;
  const unitsPerSecond = nanoseconds ? 1_000_000_000 : 1_000_000;
  for (let at = PCAP.fileHeader; at < bytes.length;) {
    const number = frames.length + 1;
    const start = at + PCAP.recordHeader;
    if (start > bytes.length) {
      throw captureDamage(
        name,
        at,
        number,
        `a record header has ${PCAP.recordHeader} bytes, the file ends after ${bytes.length - at}`,
      );
    }
    const fraction = view.getUint32(at + 4, little);
    const kept = view.getUint32(at + 8, little);
    const originalLength = view.getUint32(at + 12, little);
    if (fraction >= unitsPerSecond)
      throw captureDamage(
        name,
        at + 4,
        number,
        `${fraction} is no fraction of a second in ${nanoseconds ? 'ns' : 'µs'}`,
      );
    if (snaplen !== 0 && kept > snaplen)
      throw captureDamage(name, at + 8, number, `the frame has ${kept} bytes, the file's snaplen is ${snaplen}`);
    if (kept > originalLength)
      throw captureDamage(name, at + 8, number, `${kept} bytes are kept of a frame of ${originalLength}`);
    if (start + kept > bytes.length)
      throw captureDamage(
        name,
        start,
        number,
        `the frame has ${kept} bytes, the file ends after ${bytes.length - start}`,
      );
    frames.push({
      timeNs: BigInt(view.getUint32(at, little)) * NS_PER_SECOND + BigInt(fraction * unit),
      interface: 0,
      direction: undefined,
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + start, kept),
      originalLength,
      comment: undefined,
    });
    at = start + kept;
  }
  return { interfaces: [{ name: '', snaplen }], frames };
}

function byteOrderAndUnit(bytes: Uint8Array): { readonly little: boolean; readonly nanoseconds: boolean } | null {
  if (bytes.length < 4) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const little of [true, false]) {
    const magic = view.getUint32(0, little);
    if (magic === PCAP.microseconds || magic === PCAP.nanoseconds)
      return { little, nanoseconds: magic === PCAP.nanoseconds };
  }
  return null;
}
