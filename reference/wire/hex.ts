import { MalformedInput } from '../errors.ts';

const PAIRS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A byte as two lower-case hexadecimal digits. */
export function hexPair(byte: number): string {
  return PAIRS[byte & 0xff] ?? '';
}

/** Bytes as lower-case hexadecimal pairs without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexPair(byte);
  return text;
}

/** The value of the hexadecimal digit with this character code, either case; NaN for any other character. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20; // lower case
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}

/** The bytes of hexadecimal text, either case, no separators. Throws MalformedInput naming `place` and the text. */
export function fromHex(text: string, place: string): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(text.length / 2));
  for (let index = 0; index < bytes.length; index += 1) {
    const value = hexDigit(text.charCodeAt(2 * index)) * 16 + hexDigit(text.charCodeAt(2 * index + 1));
    if (Number.isNaN(value))
      throw new MalformedInput(`${place}: '${text}' is not an even number of hexadecimal digits`);
    bytes[index] = value;
  }
  return bytes;
}
