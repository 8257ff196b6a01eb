import { MalformedInput } from '../errors.ts';
import { fromHex, toHex } from './hex.ts';

/** Four header length bits count to 60 bytes, of which 20 are fixed (RFC 791 §3.1, RFC 9293 §3.1). */
const MAXIMUM = 40;

/** The bytes from `start` to `end` in hexadecimal. */
export function hexOptions(view: DataView, start: number, end: number): string {
  return start === end ? '' : toHex(new Uint8Array(view.buffer, view.byteOffset + start, end - start));
}

/** Bytes of the options with their padding to a multiple of 4. */
export function paddedLength(place: string, options: string | undefined): number {
  if (options === undefined || options === '') return 0;
  const length = Math.ceil(fromHex(options, place).length / 4) * 4;
  if (length > MAXIMUM)
    throw new MalformedInput(`${place}: ${length} bytes are more than the ${MAXIMUM} a header has room for`);
  return length;
}

/** Writes the options and fills up to `end` with zeros, which end an option list in IP and TCP. */
export function buildOptions(view: DataView, start: number, end: number, options: string | undefined): void {
  if (start === end) return;
  const area = new Uint8Array(view.buffer, view.byteOffset + start, end - start).fill(0);
  area.set(fromHex(options ?? '', 'options'));
}
