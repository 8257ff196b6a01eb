import { closeSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { InternalFault, MalformedInput } from '../../reference/errors.ts';
import type { Capture } from './capture.ts';
import { encodePcap } from './encode-pcap.ts';
import { encodePcapng } from './encode-pcapng.ts';

const ENCODERS: Readonly<Record<string, (capture: Capture, name: string) => Uint8Array>> = {
  '.pcapng': encodePcapng,
  '.pcap': encodePcap,
};

/**
 * Writes a capture: pcapng to a name that ends in `.pcapng`, classic pcap to `.pcap`. The file is there whole or not at
 * all, and one that was there before stays until then. Throws MalformedInput where the capture does not fit the format
 * or the file cannot be written.
 */
export function writeCapture(path: string, capture: Capture): void {
  const encode = ENCODERS[extname(path).toLowerCase()];
  if (encode === undefined)
    throw new MalformedInput(`${path}: the name of a capture file ends in .pcapng or .pcap; choose one of them`);
  requireConsistency(path, capture);
  replaceFile(path, encode(capture, path));
}

/** What every capture read from a file holds to. */
function requireConsistency(path: string, { interfaces, frames }: Capture): void {
  for (const [index, frame] of frames.entries()) {
    const snaplen = interfaces[frame.interface]?.snaplen;
    const limit = snaplen === 0 ? Infinity : snaplen;
    if (limit === undefined || frame.bytes.length > limit || frame.bytes.length > frame.originalLength) {
      throw new InternalFault(
        `${path}: frame ${index + 1} of interface ${frame.interface} keeps ${frame.bytes.length} bytes of ${frame.originalLength}, snaplen ${snaplen ?? 'unknown'}`,
      );
    }
  }
}

function replaceFile(path: string, bytes: Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, bytes);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(
      `${path}: cannot be written (${reason}); choose a folder that exists, may be written to and has room`,
    );
  }
}
