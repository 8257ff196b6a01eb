import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Run } from '../conformance/harness/run.ts';
import { MalformedInput } from '../reference/errors.ts';
import { parseRun } from './parse-run.ts';

/** A run as it lies on the disk. */
export interface StoredRun {
  /** As the user gave it. */
  readonly name: string;
  /** The captures of the results are below it, if they were kept. */
  readonly folder: string;
  readonly run: Run;
}

/** Reads a report folder, or its `run.json`. Throws MalformedInput that names the path, and in a file the place. */
export function readRun(path: string): StoredRun {
  try {
    const file = statSync(path).isDirectory() ? join(path, 'run.json') : path;
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
    return { name: path, folder: dirname(file), run: parseRun(text, file) };
  } catch (error) {
    if (error instanceof MalformedInput) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(`${path}: cannot be read (${reason}); give the folder of a report, or the run.json in it`);
  }
}
