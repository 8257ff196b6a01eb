import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ModuleKind, ScriptTarget, transpile, type CompilerOptions } from 'typescript';
import type { Director } from '../../reference/director.ts';
import type { Mutant } from './mutant.ts';

/** From the project's folder, where npm runs its scripts. */
const SOURCES = 'reference';
const COMPILED = 'dist/reference';

/** As `tsconfig.json`, for a file by itself. */
const COMPILER_OPTIONS: CompilerOptions = {
  target: ScriptTarget.ES2023,
  module: ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
};

/** A line for each mutant whose text does not stand exactly once in its file: the source has moved on, and the mutant must follow. */
export function staleMutants(mutants: readonly Mutant[]): readonly string[] {
  return mutants.flatMap(({ id, file, text }) => {
    const times = readFileSync(join(SOURCES, file), 'utf8').split(text).length - 1;
    return times === 1
      ? []
      : [`mutant ${id}: its text stands ${times} times in reference/${file}, not once; rewrite the mutant`];
  });
}

/**
 * The reference director with the mutant's fault: a copy of it as compiled, below `folder`, with the one file compiled anew from its
 * changed source. The mutant must not be stale.
 */
export async function mutatedDirector(mutant: Mutant, folder: string): Promise<typeof Director> {
  const copy = join(folder, mutant.id);
  mkdirSync(copy, { recursive: true });
  cpSync(COMPILED, copy, { recursive: true, filter: (path) => !/\.(d\.ts|map)$/.test(path) });
  const source = readFileSync(join(SOURCES, mutant.file), 'utf8').split(mutant.text).join(mutant.becomes);
  writeFileSync(join(copy, mutant.file.replace(/\.ts$/, '.js')), transpile(source, COMPILER_OPTIONS));
  const module = (await import(pathToFileURL(join(copy, 'director.js')).href)) as { Director: typeof Director };
  return module.Director;
}
