import { readFileSync } from 'node:fs';
import { MalformedInput } from '../../reference/errors.ts';
import type { Capture } from './capture.ts';
import { isPcap, parsePcap } from './parse-pcap.ts';
import { isPcapng, parsePcapng } from './parse-pcapng.ts';

/** Reads a pcap or pcapng file, whichever its first bytes say. Throws MalformedInput and UnsupportedFeature. */
export function readCapture(path: string): Capture {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const mend =
      error instanceof RangeError
        ? `split it with: editcap -c 1000000 ${path} part.pcapng`
        : 'give a capture file that can be read';
    throw new MalformedInput(
      `${path}: cannot be read (${error instanceof Error ? error.message : String(error)}); ${mend}`,
    );
  }
  return parseCapture(bytes, path);
}

/** The same from memory; `name` is for error messages. The frames share the memory of `bytes`. */
export function parseCapture(bytes: Uint8Array, name: string): Capture {
  if (isPcapng(bytes)) return parsePcapng(bytes, name);
  if (isPcap(bytes)) return parsePcap(bytes, name);
  if (bytes.length === 0) throw new MalformedInput(`${name}: the file is empty; give a pcap or pcapng file`);
  // RFC 1952: the first two bytes of a gzip member.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw new MalformedInput(`${name}: the file is compressed; run gunzip on it first`);
  throw new MalformedInput(
    `${name}: byte 0: neither pcap nor pcapng; give a capture as tcpdump -w or Wireshark writes it`,
  );
}
