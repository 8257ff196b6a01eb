import { MalformedInput } from '../../reference/errors.ts';
import type { Run, RunResult } from './run.ts';
import { globPattern } from './select-cases.ts';

/** A failure that somebody knows of and answers for. */
export interface KnownFailure {
  readonly target: string;
  readonly caseGlob: string;
  /** Why, or a link. */
  readonly reason: string;
}

/**
 * Reads a file of known failures: one a line, `target case-glob reason or link`; `*` and `?` in target and case; `#` begins a comment line.
 *
 * @throws MalformedInput naming file and line
 */
export function parseKnownFailures(text: string, file: string): readonly KnownFailure[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const [target, caseGlob, ...reason] = line.trim().split(/\s+/);
    if (target === undefined || target === '' || target.startsWith('#')) return [];
    if (caseGlob === undefined || reason.length === 0) {
      throw new MalformedInput(
        `${file}:${index + 1}: a known failure is 'target case-glob reason or link'; here is only '${line.trim()}'`,
      );
    }
    return [{ target, caseGlob, reason: reason.join(' ') }];
  });
}

export interface Surprises {
  /** Failures that no line knows of. */
  readonly newFailures: readonly RunResult[];
  /** Lines whose cases ran, and none of them failed. */
  readonly mended: readonly KnownFailure[];
}

/** What of a run is news to the file of known failures. */
export function surprisesOf({ results }: Run, known: readonly KnownFailure[]): Surprises {
  const failures = results.filter(({ verdict }) => verdict === 'fail');
  const ran = results.filter(({ verdict }) => verdict !== 'unsupported' && verdict !== 'error');
  return {
    newFailures: failures.filter((result) => !known.some((line) => covers(line, result))),
    mended: known.filter(
      (line) => ran.some((result) => covers(line, result)) && !failures.some((result) => covers(line, result)),
    ),
  };
}

function covers({ target, caseGlob }: KnownFailure, result: RunResult): boolean {
  return globPattern(target).test(result.target) && globPattern(caseGlob).test(result.case);
}
