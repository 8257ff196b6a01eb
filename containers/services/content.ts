import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files that every real server serves, by HTTP as by FTP, and how large they are. The same bytes in every run. */
export const CONTENTS = {
  'small.txt': 1_000,
  '10k.bin': 10_000,
  '100k.bin': 100_000,
  '1m.bin': 1_000_000,
  'large.bin': 8_000_000,
} as const;

export type ContentName = keyof typeof CONTENTS;

/** What `sha256sum` must say of the file, wherever it arrived. */
export function contentHash(name: ContentName): string {
  return createHash('sha256').update(contentOf(name)).digest('hex');
}

/** Writes all of them into a folder of the host, which becomes `/srv/content` of the machines. */
export function writeContents(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(join(folder, name), contentOf(name));
}

const names = Object.keys(CONTENTS) as ContentName[];

/** Bytes without a pattern, other ones for each name: the key stream of AES. A `.txt` has lines of digits. */
function contentOf(name: ContentName): Buffer {
  const key = createHash('sha256').update(name).digest().subarray(0, 16);
  const bytes = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(CONTENTS[name]));
  return name.endsWith('.txt') ? linesOf(bytes) : bytes;
}

function linesOf(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => (index % 50 === 49 ? NEWLINE : DIGIT_0 + (byte % 10))));
}

const NEWLINE = 0x0a;
const DIGIT_0 = 0x30;
