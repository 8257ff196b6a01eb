import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MalformedInput } from '../../reference/errors.ts';
import { readCapture } from '../captures/read-capture.ts';
import { CaptureWriter } from './capture-writer.ts';

const capture = { interfaces: [{ name: 'client', snaplen: 0 }], frames: [], comment: 'one' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lvs-conformance-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('every file is whole once finish resolves, folders made on the way', async () => {
  const writer = new CaptureWriter();
  const paths = ['a/b/1.pcapng', 'a/b/2.pcapng', 'c/3.pcapng'].map((name) => join(folder, name));
  for (const path of paths) writer.write(path, capture);
  await writer.finish();
  expect(paths.map((path) => readCapture(path).comment)).toEqual(['one', 'one', 'one']);
});

test('a file that cannot be written is told by name when the writer finishes, and the others are there', async () => {
  writeFileSync(join(folder, 'file'), '');
  const writer = new CaptureWriter();
  writer.write(join(folder, 'file/1.pcapng'), capture);
  writer.write(join(folder, '2.pcapng'), capture);
  await expect(writer.finish()).rejects.toThrow(MalformedInput);
  await expect(writer.finish()).rejects.toThrow(join(folder, 'file/1.pcapng'));
  expect(readCapture(join(folder, '2.pcapng')).comment).toBe('one');
});
