import { createInterface } from 'node:readline';
import { UnsupportedFeature } from '../../reference/errors.ts';

interface Line {
  readonly error?: string;
  readonly status?: string;
  readonly aux?: { readonly ID?: string };
}

/**
 * Reads what an engine says while it makes an image: a line of JSON for each step.
 * @returns the image's id
 * @throws {UnsupportedFeature} with what the engine says went wrong
 */
export async function imageIdIn(answer: NodeJS.ReadableStream): Promise<string> {
  let id: string | null = null;
  for await (const text of createInterface({ input: answer })) {
    if (text.trim() === '') continue;
    const { error, status, aux } = JSON.parse(text) as Line;
    if (error !== undefined) throw new UnsupportedFeature(error);
    // A build names it apart, an import as its last status.
    id = aux?.ID ?? (status?.startsWith('sha256:') === true ? status : id);
  }
  if (id === null) throw new UnsupportedFeature('the engine ended without an image');
  return id;
}
