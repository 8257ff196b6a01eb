import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Director } from '../../reference/director.ts';
import { MalformedInput } from '../../reference/errors.ts';
import type { Mutant } from './mutant.ts';

const reference = fileURLToPath(new URL('../../reference/', import.meta.url));

/**
 * The reference director with the mutant's fault: a copy of its sources below `folder`, changed in one place and loaded from there.
 * Needs a loader that takes TypeScript.
 *
 * @throws MalformedInput when the text to replace is not there, or there more than once: the mutant must follow the source
 */
export async function mutatedDirector(mutant: Mutant, folder: string): Promise<typeof Director> {
  const copy = join(folder, mutant.id);
  mkdirSync(copy, { recursive: true });
  cpSync(reference, copy, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  const file = join(copy, mutant.file);
  const source = readFileSync(file, 'utf8');
  const pieces = source.split(mutant.text);
  if (pieces.length !== 2) {
    throw new MalformedInput(
      `mutant ${mutant.id}: its text stands ${pieces.length - 1} times in reference/${mutant.file}, not once; rewrite the mutant`,
    );
  }
  writeFileSync(file, pieces.join(mutant.becomes));
  const module = (await import(pathToFileURL(join(copy, 'director.ts')).href)) as { Director: typeof Director };
  return module.Director;
}
