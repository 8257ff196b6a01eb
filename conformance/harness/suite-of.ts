import { InternalFault } from '../../reference/errors.ts';
import type { AnyCase } from './server-case.ts';

/** `area/name`, both in lower case with dashes. */
const CASE_ID = /^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * The cases of several files as one suite, sorted by id.
 *
 * @throws InternalFault for an id that is taken twice or has another form than `area/name`
 */
export function suiteOf<C extends AnyCase>(...files: readonly (readonly C[])[]): readonly C[] {
  const suite = files.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const [index, { id }] of suite.entries()) {
    if (!CASE_ID.test(id)) throw new InternalFault(`case id '${id}' is not of the form area/name`);
    if (suite[index + 1]?.id === id) throw new InternalFault(`two cases have the id '${id}'`);
  }
  return suite;
}
