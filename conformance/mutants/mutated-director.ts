import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Director } from '../../reference/director.ts';
import type { Mutant } from './mutant.ts';

const reference = fileURLToPath(new URL('../../reference/', import.meta.url));

/** A line for each mutant whose text does not stand exactly once in its file: the source has moved on, and the mutant must follow. */
export function staleMutants(mutants: readonly Mutant[]): readonly string[] {
  return mutants.flatMap(({ id, file, text }) => {
    const times = readFileSync(join(reference, file), 'utf8').split(text).length - 1;
    return times === 1
      ? []
      : [`mutant ${id}: its text stands ${times} times in reference/${file}, not once; rewrite the mutant`];
  });
}

/**
 * The reference director with the mutant's fault: a copy of its sources below `folder`, changed in one place and loaded from there.
 * Needs a loader that takes TypeScript. The mutant must not be stale.
 */
export async function mutatedDirector(mutant: Mutant, folder: string): Promise<typeof Director> {
  const copy = join(folder, mutant.id);
  mkdirSync(copy, { recursive: true });
  cpSync(reference, copy, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  const file = join(copy, mutant.file);
  writeFileSync(file, readFileSync(file, 'utf8').split(mutant.text).join(mutant.becomes));
  const module = (await import(pathToFileURL(join(copy, 'director.ts')).href)) as { Director: typeof Director };
  return module.Director;
}
