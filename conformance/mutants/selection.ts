import { parseArgs } from 'node:util';
import { MalformedInput } from '../../reference/errors.ts';
import { suite } from '../cases/index.ts';
import type { Case } from '../harness/case.ts';
import { globPattern, selectCases } from '../harness/select-cases.ts';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

/** Which cases run on which mutants. */
export interface Selection {
  readonly mutants: readonly Mutant[];
  readonly cases: readonly Case[];
}

/**
 * What the words behind `npm run mutants --` ask for: `--mutant GLOB`… and `--case GLOB`…; everything without them.
 *
 * @throws MalformedInput for a glob that fits nothing, and for words that are none of these
 */
export function selection(words: readonly string[]): Selection {
  const globs = { type: 'string', multiple: true } as const;
  const { values } = parsed(() => parseArgs({ args: [...words], options: { mutant: globs, case: globs } }));
  const patterns = (values.mutant ?? []).map(globPattern);
  const chosen = mutants.filter(({ id }) => patterns.length === 0 || patterns.some((pattern) => pattern.test(id)));
  if (chosen.length === 0) throw new MalformedInput(`no mutant fits ${(values.mutant ?? []).join(', ')}`);
  return { mutants: chosen, cases: selectCases(suite, { globs: values.case ?? [] }) };
}

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    throw error instanceof TypeError ? new MalformedInput(error.message, { cause: error }) : error;
  }
}
