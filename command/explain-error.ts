import { CommanderError } from 'commander';
import { ConfigurationRefused } from '../conformance/targets/target.ts';
import { InternalFault, MalformedInput, UnsupportedFeature } from '../reference/errors.ts';
import { Interrupted } from './interrupted.ts';

export const EXIT_STATUS = {
  ok: 0,
  /** A case failed that is not in the known list. */
  failed: 1,
  /** Usage, bad input, or something that is asked for and not here. */
  badInput: 2,
  /** The harness's own fault. */
  fault: 3,
} as const;

export interface Explanation {
  readonly status: number;
  /** One line, empty where nothing is to be said. */
  readonly line: string;
}

/** What a command that threw says and ends with. */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommanderError) {
    // Help and version are thrown too, after they were printed.
    return error.exitCode === 0
      ? { status: EXIT_STATUS.ok, line: '' }
      : { status: EXIT_STATUS.badInput, line: `${oneLine(error.message.replace(/^error: /, ''))}; see --help` };
  }
  if (error instanceof Interrupted) {
    return { status: error.status, line: `${error.message}; nothing was written` };
  }
  if (error instanceof MalformedInput || error instanceof UnsupportedFeature || error instanceof ConfigurationRefused) {
    return { status: EXIT_STATUS.badInput, line: oneLine(error.message) };
  }
  if (error instanceof InternalFault) {
    return { status: EXIT_STATUS.fault, line: `internal fault: ${oneLine(error.message)}` };
  }
  const message = error instanceof Error ? `${error.name}: ${error.message}${placeOf(error)}` : String(error);
  return { status: EXIT_STATUS.fault, line: `internal fault: ${oneLine(message)}; please report it` };
}

/** The innermost place of this project's own code, which a report of an unforeseen error needs. */
function placeOf(error: Error): string {
  const place = /\((?:file:\/\/)?[^()]*?\/([^/()]+\/[^/()]+\.[jt]s:\d+):\d+\)/.exec(error.stack ?? '')?.[1];
  return place === undefined ? '' : ` (${place})`;
}

/** Control characters could move a terminal's cursor or break the line: a file name may hold any of them. */
function oneLine(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\p{Cc}/gu, (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
