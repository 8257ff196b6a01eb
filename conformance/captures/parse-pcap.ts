import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { captureDamage, requireEthernet, requireRoom } from './refusals.ts';
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
  const frames: CapturedFrame[] = [];
  const damage = (offset: number, wrong: string, editcap?: readonly string[]): MalformedInput =>
    captureDamage(name, offset, frames.length + 1, wrong, editcap);
  const need = (at: number, length: number, what: string): void => {
    const left = bytes.length - at;
    if (left < length) throw damage(at, `${what} has ${length} bytes, the file ends after ${left}`, []);
  };

  need(0, PCAP.fileHeader, 'the file header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  requireVersion(name, view.getUint16(4, little), view.getUint16(6, little));
  const snaplen = view.getUint32(16, little);
  const link = view.getUint32(20, little);
  requireEthernet(name, 20, link & 0xffff, (link & PCAP.checkSequencePresent) === 0 ? 0 : (link >>> 28) * 2);

  const [unit, unitName, unitsPerSecond] = nanoseconds ? [1, 'ns', 1_000_000_000] : [1000, 'µs', 1_000_000];
  for (let at = PCAP.fileHeader; at < bytes.length;) {
    need(at, PCAP.recordHeader, 'a record header');
    const start = at + PCAP.recordHeader;
    const fraction = view.getUint32(at + 4, little);
    const kept = view.getUint32(at + 8, little);
    const originalLength = view.getUint32(at + 12, little);
    if (fraction >= unitsPerSecond) throw damage(at + 4, `${fraction} ${unitName} are a second or more`, []);
    if (snaplen !== 0 && kept > snaplen) {
      throw damage(at + 8, `the frame has ${kept} bytes, the snaplen is ${snaplen}`, ['-s', String(snaplen)]);
    }
    if (kept > originalLength) throw damage(at + 8, `${kept} bytes are kept of a frame of ${originalLength}`);
    need(start, kept, 'the frame');
    frames.push({
      timeNs: BigInt(view.getUint32(at, little)) * NS_PER_SECOND + BigInt(fraction * unit),
      interface: 0,
      direction: undefined,
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + start, kept),
      originalLength,
      comment: undefined,
    });
    requireRoom(name, frames.length);
    at = start + kept;
  }
  return { interfaces: [{ name: '', snaplen }], frames };
}

/** Before 2.4 the two lengths of a record may be swapped (libpcap sf-pcap.c). */
function requireVersion(name: string, major: number, minor: number): void {
  if (major === PCAP.major && minor === PCAP.minor) return;
  throw new UnsupportedFeature(
    `${name}: byte 4: pcap version ${major}.${minor}, only 2.4 is read; rewrite it with: editcap ${name} new.pcapng`,
  );
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
