import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contentHash, CONTENTS, writeContents, type ContentName } from './content.ts';

const folder = mkdtempSync(join(tmpdir(), 'content-'));
writeContents(folder);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('contents to serve', () => {
  it.each(Object.entries(CONTENTS))(
    '%s has its size, and the hash that sha256sum computes of the file',
    (name, size) => {
      const path = join(folder, name);
      expect(statSync(path).size).toBe(size);
      const [sum] = execFileSync('sha256sum', [path], { encoding: 'utf8' }).split(' ');
      expect(contentHash(name as ContentName)).toBe(sum);
    },
  );

  it('are the same in every run', () => {
    // By `head -c 10000 /dev/zero | openssl enc -aes-128-ctr -K KEY -iv 0 | sha256sum`, KEY: 32 digits of `printf 10k.bin | sha256sum`.
    expect(contentHash('10k.bin')).toBe('5b1b1e719672a27d189cd25478752f1a176859200552af389e560031f1e87790');
  });

  it('differ in every part, so that one sent in the place of another is noticed', () => {
    const large = readFileSync(join(folder, 'large.bin'));
    const parts = new Set(
      Array.from({ length: 8_000 }, (_, index) => large.toString('latin1', index * 1000, (index + 1) * 1000)),
    );
    expect(parts.size).toBe(8_000);
  });

  it('small.txt is lines of text', () => {
    expect(readFileSync(join(folder, 'small.txt'), 'latin1')).toMatch(/^(\d{49}\n){20}$/);
  });
});
