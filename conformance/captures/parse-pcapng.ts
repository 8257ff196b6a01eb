import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { captureDamage, requireEthernet, requireRoom } from './refusals.ts';
import type { Capture, CapturedFrame, CaptureInterface } from './capture.ts';
import { BLOCK, BYTE_ORDER_MAGIC, DIRECTIONS, ETHERNET, FRAMING, OPTION } from './pcapng-format.ts';

/** An interface with what is needed to make sense of its frames. */
interface Clocked extends CaptureInterface {
  /** Its time stamps count these; the nanoseconds are `ticks * 10^9 / ticksPerSecond + offsetNs`. */
  readonly ticksPerSecond: bigint;
  readonly offsetNs: bigint;
}

/** Whether the file begins with a section header. */
export function isPcapng(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) === BLOCK.sectionHeader;
}

/** Reads a whole file. Throws MalformedInput and UnsupportedFeature. */
export function parsePcapng(bytes: Uint8Array, name: string): Capture {
  return new Reader(bytes, name).read();
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  readonly #frames: CapturedFrame[] = [];
  readonly #interfaces: Clocked[] = [];
  readonly #about: { comment?: string; hardware?: string; operatingSystem?: string; application?: string } = {};
  readonly #scratch = new DataView(new ArrayBuffer(8));
  #little = true;
  #sections = 0;
  /** Where the interfaces of this section begin among all. */
  #firstInterface = 0;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#name = name;
  }

  read(): Capture {
    for (let at = 0; at < this.#bytes.length;) {
      this.#need(at, FRAMING, 'a block');
      if (this.#view.getUint32(at) === BLOCK.sectionHeader) this.#byteOrder(at);
      else if (at === 0) throw new MalformedInput(`${this.#name}: byte 0: no section header; give a pcapng file`);
      const length = this.#u32(at + 4);
      if (length < FRAMING || length % 4 !== 0)
        throw this.#damage(at + 4, `a block of ${length} bytes; the length is 12 or more, by fours`, []);
      this.#need(at, length, 'the block');
      const end = at + length - 4;
      if (this.#u32(end) !== length)
        throw this.#damage(end, `the block's length is ${length} before it and ${this.#u32(end)} after it`, []);
      this.#block(at + 8, end, this.#u32(at));
      requireRoom(this.#name, this.#frames.length);
      at += length;
    }
    const interfaces = this.#interfaces.map(({ name, snaplen }) => ({ name, snaplen }));
    return { ...this.#about, interfaces, frames: this.#frames };
  }

  #block(start: number, end: number, type: number): void {
    if (type === BLOCK.enhancedPacket || type === BLOCK.packet) this.#packet(start, end, type === BLOCK.packet);
    else if (type === BLOCK.simplePacket) this.#simplePacket(start, end);
    else if (type === BLOCK.interfaceDescription) this.#interface(start, end);
    else if (type === BLOCK.sectionHeader) this.#section(start, end);
    // The draft, section 3.1: blocks of an unknown type are skipped. They hold names, counters, keys, never frames.
  }

  /** The section's magic says how its lengths are to be read, the one before the magic too. */
  #byteOrder(at: number): void {
    this.#need(at, 16, 'the section header');
    const magic = this.#view.getUint32(at + 8, true);
    this.#little = magic === BYTE_ORDER_MAGIC;
    if (!this.#little && this.#view.getUint32(at + 8) !== BYTE_ORDER_MAGIC)
      throw this.#damage(at + 8, 'the section has no byte-order magic');
  }

  #section(start: number, end: number): void {
    this.#hold(start, end, 16, 'a section header');
    const major = this.#u16(start + 4);
    if (major !== 1)
      throw new UnsupportedFeature(
        `${this.#name}: byte ${start + 4}: pcapng version ${major}, only 1 is read; write it again as version 1`,
      );
    this.#firstInterface = this.#interfaces.length;
    this.#sections += 1;
    if (this.#sections > 1) return;
    this.#options(start + 16, end, (code, at, length) => {
      if (code === OPTION.comment) this.#about.comment = joined(this.#about.comment, this.#text(at, length));
      else if (code === OPTION.hardware) this.#about.hardware = this.#text(at, length);
      else if (code === OPTION.operatingSystem) this.#about.operatingSystem = this.#text(at, length);
      else if (code === OPTION.application) this.#about.application = this.#text(at, length);
    });
  }

  #interface(start: number, end: number): void {
    this.#hold(start, end, 8, 'an interface');
    let name = '';
    let ticksPerSecond = 1_000_000n;
    let offsetNs = 0n;
    let checkSequence = 0;
    this.#options(start + 8, end, (code, at, length) => {
      if (code === OPTION.interfaceName) {
        name = this.#text(at, length);
      } else if (code === OPTION.checkSequenceLength) {
        checkSequence = this.#view.getUint8(this.#sized(at, length, 1));
      } else if (code === OPTION.timeOffset) {
        offsetNs = BigInt.asIntN(64, this.#u64(this.#sized(at, length, 8))) * 1_000_000_000n;
      } else if (code === OPTION.timeResolution) {
        // if_tsresol: the high bit chooses powers of 2 over powers of 10.
        const resolution = this.#view.getUint8(this.#sized(at, length, 1));
        ticksPerSecond = (resolution & 0x80) === 0 ? 10n ** BigInt(resolution) : 2n ** BigInt(resolution & 0x7f);
      }
    });
    requireEthernet(this.#name, start, this.#u16(start), checkSequence);
    this.#interfaces.push({ name, snaplen: this.#u32(start + 4), ticksPerSecond, offsetNs });
  }

  #packet(start: number, end: number, obsolete: boolean): void {
    this.#hold(start, end, 20, 'a packet');
    const index = obsolete ? this.#u16(start) : this.#u32(start);
    const port = this.#port(start, index);
    const kept = this.#u32(start + 12);
    const originalLength = this.#u32(start + 16);
    if (kept > originalLength) throw this.#damage(start + 12, `${kept} bytes are kept of a frame of ${originalLength}`);
    const options = this.#keep(start + 12, start + 20, end, kept, port);
    let direction: 'in' | 'out' | undefined;
    let comment: string | undefined;
    if (options < end) {
      this.#options(options, end, (code, at, length) => {
        if (code === OPTION.comment) {
          comment = joined(comment, this.#text(at, length));
        } else if (code === OPTION.packetFlags) {
          const flags = this.#u32(this.#sized(at, length, 4));
          requireEthernet(this.#name, at, ETHERNET, (flags >>> 5) & 0xf);
          direction = DIRECTIONS[flags & 3];
        }
      });
    }
    this.#frames.push({
      timeNs: this.#time(start + 4, port),
      interface: this.#firstInterface + index,
      direction,
      bytes: this.#slice(start + 20, kept),
      originalLength,
      comment,
    });
  }

  /** It has no time (draft, section 4.4): here it takes that of the frame before it, so that time never jumps back. */
  #simplePacket(start: number, end: number): void {
    this.#hold(start, end, 4, 'a simple packet');
    const port = this.#port(start, 0);
    const originalLength = this.#u32(start);
    const kept = port.snaplen === 0 ? originalLength : Math.min(originalLength, port.snaplen);
    this.#keep(start, start + 4, end, kept, port);
    this.#frames.push({
      timeNs: this.#frames.at(-1)?.timeNs ?? 0n,
      interface: this.#firstInterface,
      direction: undefined,
      bytes: this.#slice(start + 4, kept),
      originalLength,
      comment: undefined,
    });
  }

  #port(at: number, index: number): Clocked {
    const port = this.#interfaces[this.#firstInterface + index];
    if (port !== undefined) return port;
    throw this.#damage(
      at,
      `the frame is of interface ${index}, the section has ${this.#interfaces.length - this.#firstInterface}`,
    );
  }

  /** Checks that `kept` bytes from `start` fit; returns where the options behind them begin. */
  #keep(lengthAt: number, start: number, end: number, kept: number, port: Clocked): number {
    if (port.snaplen !== 0 && kept > port.snaplen) {
      throw this.#damage(lengthAt, `the frame has ${kept} bytes, the snaplen is ${port.snaplen}`, [
        '-s',
        String(port.snaplen),
      ]);
    }
    const padded = start + Math.ceil(kept / 4) * 4;
    if (padded > end) throw this.#damage(lengthAt, `the frame has ${kept} bytes, its block ends after ${end - start}`);
    return padded;
  }

  #time(at: number, { ticksPerSecond, offsetNs }: Clocked): bigint {
    // Two words, the high one first in either byte order. One bigint out of them is quicker than two with a shift.
    this.#scratch.setUint32(0, this.#u32(at));
    this.#scratch.setUint32(4, this.#u32(at + 4));
    const ticks = this.#scratch.getBigUint64(0);
    if (ticksPerSecond === 1_000_000_000n) return ticks + offsetNs;
    return (ticks * 1_000_000_000n) / ticksPerSecond + offsetNs;
  }

  /** Walks options up to the end mark, or up to `end`: some writers leave the mark out. */
  #options(start: number, end: number, each: (code: number, at: number, length: number) => void): void {
    for (let at = start; at < end;) {
      const code = this.#u16(at);
      const length = this.#u16(at + 2);
      if (code === OPTION.end) return;
      if (at + 4 + length > end)
        throw this.#damage(at + 2, `an option of ${length} bytes, its block ends after ${end - at - 4}`);
      each(code, at + 4, length);
      at += 4 + Math.ceil(length / 4) * 4;
    }
  }

  /** The place of an option's value, whose length is fixed. */
  #sized(at: number, length: number, required: number): number {
    if (length === required) return at;
    throw this.#damage(at - 2, `an option of ${length} bytes, this one has ${required}`);
  }

  #need(at: number, length: number, what: string): void {
    const left = this.#bytes.length - at;
    if (left < length) throw this.#damage(at, `${what} has ${length} bytes or more, the file ends after ${left}`, []);
  }

  #hold(start: number, end: number, length: number, what: string): void {
    if (end - start < length) throw this.#damage(start, `${what} needs ${length} bytes, its block has ${end - start}`);
  }

  #damage(offset: number, wrong: string, editcap?: readonly string[]): MalformedInput {
    return captureDamage(this.#name, offset, this.#frames.length + 1, wrong, editcap);
  }

  #text(at: number, length: number): string {
    return UTF8.decode(this.#slice(at, length));
  }

  #slice(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }

  #u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  #u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  #u64(at: number): bigint {
    return this.#view.getBigUint64(at, this.#little);
  }
}

const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** An option that may be given several times, as one text. */
function joined(before: string | undefined, text: string): string {
  return before === undefined ? text : `${before}\n${text}`;
}
