/** Payload of `length` bytes that runs through all byte values, beginning with `first`. */
export function everyByte(length: number, first = 0): string {
  return String.fromCharCode(...Array.from({ length }, (_, index) => (index * 7 + first) % 256));
}
