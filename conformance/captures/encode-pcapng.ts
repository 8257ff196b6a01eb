import { MalformedInput } from '../../reference/errors.ts';
import type { Capture } from './capture.ts';
import { BLOCK, BYTE_ORDER_MAGIC, DIRECTIONS, ETHERNET, FRAMING, OPTION } from './pcapng-format.ts';

/** if_tsresol: time stamps count units of 10^-9 seconds. */
const NANOSECONDS = Uint8Array.of(9);

/**
 * A whole file: one little-endian section, one interface description per port, one enhanced packet per frame, times in
 * nanoseconds. libpcap (tcpdump) refuses files whose interfaces differ in snaplen. `name` is for error messages. Throws
 * MalformedInput for a time before 1970 or after 2554 and for a text of more than 65535 bytes.
 */
export function encodePcapng(capture: Capture, name: string): Uint8Array {
  const out = new Writer(capture.frames.reduce((sum, frame) => sum + FRAMING + 48 + frame.bytes.length, 4096));
  const option = (code: number, value: Uint8Array | string | undefined): void => {
    if (value === undefined) return;
    const bytes = typeof value === 'string' ? UTF8.encode(value) : value;
    if (bytes.length > 0xffff) {
      throw new MalformedInput(
        `${name}: a comment or name has ${bytes.length} bytes, a pcapng option holds 65535; shorten it`,
      );
    }
    out.u16(code);
    out.u16(bytes.length);
    out.padded(bytes);
  };

  out.begin(BLOCK.sectionHeader);
  out.u32(BYTE_ORDER_MAGIC);
  out.u16(1); // version 1.0
  out.u16(0);
  out.u64(0xffff_ffff_ffff_ffffn); // the section's length is not given
  option(OPTION.comment, capture.comment);
  option(OPTION.hardware, capture.hardware);
  option(OPTION.operatingSystem, capture.operatingSystem);
  option(OPTION.application, capture.application);
  out.end();

  for (const port of capture.interfaces) {
    out.begin(BLOCK.interfaceDescription);
    out.u32(ETHERNET);
    out.u32(port.snaplen);
    if (port.name !== '') option(OPTION.interfaceName, port.name);
    option(OPTION.timeResolution, NANOSECONDS);
    out.end();
  }

  for (const [index, frame] of capture.frames.entries()) {
    const time = frame.timeNs;
    if (time !== BigInt.asUintN(64, time)) {
      throw new MalformedInput(
        `${name}: the time of frame ${index + 1}, ${time} ns, does not fit into 64 bits; shift the times with: editcap -t`,
      );
    }
    out.begin(BLOCK.enhancedPacket);
    out.u32(frame.interface);
    out.u32(Number(time >> 32n));
    out.u32(Number(time & 0xffff_ffffn));
    out.u32(frame.bytes.length);
    out.u32(frame.originalLength);
    out.padded(frame.bytes);
    if (frame.direction !== undefined)
      option(OPTION.packetFlags, Uint8Array.of(DIRECTIONS.indexOf(frame.direction), 0, 0, 0));
    option(OPTION.comment, frame.comment);
    out.end();
  }
  return out.written();
}

const UTF8 = new TextEncoder();

/** Little-endian words into a buffer that grows. */
class Writer {
  #bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  /** Where the open block begins. */
  #block = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }

  begin(type: number): void {
    this.#block = this.#at;
    this.u32(type);
    this.u32(0); // the length, known at the end
  }

  end(): void {
    const length = this.#at + 4 - this.#block;
    this.u32(length);
    this.#view.setUint32(this.#block + 4, length, true);
  }

  u16(value: number): void {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  u64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigUint64(at, value, true);
  }

  /** The bytes, and zeros up to a multiple of four. */
  padded(bytes: Uint8Array): void {
    const at = this.#take(Math.ceil(bytes.length / 4) * 4);
    this.#bytes.set(bytes, at);
  }

  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Makes room. Comes before any use of buffer and view, for it may replace both. */
  #take(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#at);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
