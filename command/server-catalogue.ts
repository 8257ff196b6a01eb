import { ModelServerTarget } from '../conformance/targets/reference/model-server-target.ts';
import type { ServerTarget } from '../conformance/targets/server-target.ts';
import { MalformedInput } from '../reference/errors.ts';
import type { CatalogueEntry } from './target-catalogue.ts';

/** What the ids of machines for real servers begin with; all other targets are directors. */
const PREFIX = 'server-';

export function isServerId(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** Every machine that can be arranged as a real server. */
export function serverCatalogue(): readonly CatalogueEntry[] {
  const { id, description } = new ModelServerTarget();
  return [{ id, description, mend: null }];
}

/** The machines with these ids, each once; without ids all that can be had. Throws MalformedInput for an unknown id. */
export function chooseServers(ids: readonly string[] | undefined): readonly ServerTarget[] {
  const model = new ModelServerTarget();
  for (const id of ids ?? []) {
    if (id !== model.id) {
      const known = serverCatalogue().map((entry) => entry.id);
      throw new MalformedInput(`unknown target '${id}'; of real servers there are ${known.join(', ')}`);
    }
  }
  return ids?.length === 0 ? [] : [model];
}
