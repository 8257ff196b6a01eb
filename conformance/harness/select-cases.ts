import { MalformedInput } from '../../reference/errors.ts';
import type { Level, RunCase } from './run.ts';

export interface CaseSelection {
  /** Case ids, `*` for any characters and `?` for one; a case must match one of them. Default: all. */
  readonly globs?: readonly string[];
  /** A case must have one of them. Default: all. */
  readonly tags?: readonly string[];
  readonly level?: Level | undefined;
  /** What shows all cases, for messages. Default: the command 'list'. */
  readonly lister?: string;
}

/**
 * The cases that are meant, in the order given.
 *
 * @throws MalformedInput for a glob or a tag that fits no case, naming the ones nearest to it, and where all together leave none
 */
export function selectCases<C extends Pick<RunCase, 'id' | 'tags' | 'level'>>(
  cases: readonly C[],
  { globs = [], tags = [], level, lister = "the command 'list'" }: CaseSelection,
): readonly C[] {
  const patterns = globs.map(globPattern);
  for (const [index, pattern] of patterns.entries()) {
    const glob = globs[index] ?? '';
    if (!cases.some(({ id }) => pattern.test(id)))
      throw nothingFits(
        'case',
        glob,
        cases.map(({ id }) => id),
        lister,
      );
  }
  for (const tag of tags) {
    if (!cases.some((theCase) => theCase.tags.includes(tag)))
      throw nothingFits('tag', tag, [...new Set(cases.flatMap((theCase) => theCase.tags))], lister);
  }
  const selected = cases.filter(
    (theCase) =>
      (patterns.length === 0 || patterns.some((pattern) => pattern.test(theCase.id))) &&
      (tags.length === 0 || tags.some((tag) => theCase.tags.includes(tag))) &&
      (level === undefined || theCase.level === level),
  );
  if (selected.length === 0)
    throw new MalformedInput('no case fits all of the given cases, tags and level together: leave one of them out');
  return selected;
}

/** A case id with `*` for any characters, `/` among them, and `?` for one. */
export function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

const SUGGESTIONS = 3;

function nothingFits(what: string, name: string, known: readonly string[], lister: string): MalformedInput {
  const near = known
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTIONS)
    .map(({ candidate }) => candidate);
  return new MalformedInput(`no ${what} fits '${name}'; near it: ${near.join(', ')}; ${lister} shows them all`);
}

/** Levenshtein: how many characters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, character] of a.split('').entries()) {
    const next = [index + 1];
    for (const [column, other] of b.split('').entries()) {
      const replaced = (row[column] ?? 0) + Number(character !== other);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
