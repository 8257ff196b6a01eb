import type { Mutant } from './mutant.ts';

/** Which case catches which mutant. */
export interface MutantTable {
  readonly rows: readonly MutantRow[];
  /** Mutants that no case fails: holes in the suite. */
  readonly survivors: readonly string[];
  /** Cases that no mutant fails: not shown to be tests. */
  readonly idleCases: readonly string[];
}

export interface MutantRow {
  readonly mutant: Mutant;
  /** Ids of cases that fail on it: of those that it was put to, which are not all. */
  readonly caughtBy: readonly string[];
}

/** A case that fails on a mutant, by their ids. */
export interface Failure {
  readonly mutant: string;
  readonly case: string;
}

export function mutantTable(
  mutants: readonly Mutant[],
  cases: readonly { readonly id: string }[],
  failures: readonly Failure[],
): MutantTable {
  const rows = mutants.map((mutant) => ({
    mutant,
    caughtBy: failures.filter((failure) => failure.mutant === mutant.id).map((failure) => failure.case),
  }));
  const catching = new Set(failures.map((failure) => failure.case));
  return {
    rows,
    survivors: rows.filter(({ caughtBy }) => caughtBy.length === 0).map(({ mutant }) => mutant.id),
    idleCases: cases.map(({ id }) => id).filter((id) => !catching.has(id)),
  };
}

/** The table for a terminal: a line for each mutant, with how many cases catch it and the first of them. */
export function describeMutantTable({ rows, survivors, idleCases }: MutantTable, caseCount: number): string {
  const width = Math.max(...rows.map(({ mutant }) => mutant.id.length));
  const lines = rows.map(({ mutant, caughtBy }) => {
    const first = caughtBy.slice(0, 3).join(', ');
    const more = caughtBy.length > 3 ? ', …' : '';
    return `${mutant.id.padEnd(width)}  ${String(caughtBy.length).padStart(3)}  ${first}${more}`;
  });
  return [
    `${'mutant'.padEnd(width)}  caught by`,
    ...lines,
    '',
    `${rows.length} mutants, ${survivors.length} survivors; ${caseCount} cases, ${idleCases.length} that fail no mutant`,
    ...survivors.map((id) => `survivor: ${id}`),
    ...idleCases.map((id) => `fails no mutant: ${id}`),
  ].join('\n');
}

/** The whole table as Markdown, mutant × case, for a page that can be searched. */
export function mutantTableMarkdown({ rows }: MutantTable): string {
  return [
    '# Mutants',
    '',
    '| mutant | fault | place | caught by |',
    '|---|---|---|---|',
    ...rows.map(
      ({ mutant, caughtBy }) =>
        `| ${mutant.id} | ${mutant.fault} | ${mutant.file} | ${caughtBy.length}: ${caughtBy.join(', ')} |`,
    ),
    '',
  ].join('\n');
}
