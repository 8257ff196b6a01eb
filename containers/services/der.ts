/** Values in the Distinguished Encoding Rules (ITU-T X.690 §10): a tag, a length, the contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

export const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/** `2.5.29.17`; each number in groups of seven bits, the first two numbers in one (X.690 §8.19). */
export function objectIdentifier(text: string): Buffer {
  const [first = 0, second = 0, ...others] = text.split('.').map(Number);
  return der(TAG.objectIdentifier, Buffer.from([first * 40 + second, ...others].flatMap(inSevens)));
}

function inSevens(value: number): number[] {
  return value < 0x80 ? [value] : [...inSevens(value >> 7).map((group) => group | 0x80), value & 0x7f];
}

/** Up to 127 in one byte; more: how many bytes follow, and these (X.690 §8.1.3). */
function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}
