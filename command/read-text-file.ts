import { readFileSync } from 'node:fs';
import { MalformedInput } from '../reference/errors.ts';

/** A UTF-8 file that the user named. `what` it should be is for the message. Throws MalformedInput. */
export function readTextFile(path: string, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedInput(`${path}: cannot be read as text (${reason}); give ${what}`);
  }
}
