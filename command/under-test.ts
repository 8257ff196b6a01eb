import { suite } from '../conformance/cases/index.ts';
import { casesFor, serverSuite } from '../conformance/cases/real-server/index.ts';
import { selectCases } from '../conformance/harness/select-cases.ts';
import { type AnyCase, isServerCase } from '../conformance/harness/server-case.ts';
import { suiteOf } from '../conformance/harness/suite-of.ts';
import { type AnyTarget, isServerTarget } from '../conformance/targets/server-target.ts';
import { parseSetup } from './parse-setup.ts';
import type { RunOptions } from './run.ts';
import { chooseServers, isServerId } from './server-catalogue.ts';
import { chooseTargets, type Choice } from './target-catalogue.ts';

/** Every case, about directors and about real servers. */
export const wholeSuite: readonly AnyCase[] = suiteOf<AnyCase>(suite, serverSuite);

/** The cases that a run is asked for. With a set-up of the user's: what is asked of that one. */
export function casesOf({ level, case: globs, tag: tags, shard, setup }: RunOptions): readonly AnyCase[] {
  const all = setup === undefined ? wholeSuite : casesFor(parseSetup(setup));
  const cases = selectCases(all, {
    level,
    ...(globs === undefined ? {} : { globs }),
    ...(tags === undefined ? {} : { tags }),
  });
  return shard === undefined ? cases : cases.filter((_case, index) => index % shard.count === shard.index - 1);
}

/** The targets that a run is asked for; where it names none, those of the kinds that its cases are about. Directors first. */
export async function targetsOf(
  { target: ids }: RunOptions,
  cases: readonly AnyCase[],
  choice: Choice,
): Promise<readonly AnyTarget[]> {
  const wants = (isServer: boolean): boolean =>
    ids === undefined
      ? cases.some((theCase) => isServerCase(theCase) === isServer)
      : ids.some((id) => isServerId(id) === isServer);
  return [
    ...(wants(false)
      ? await chooseTargets(
          ids?.filter((id) => !isServerId(id)),
          choice,
        )
      : []),
    ...(wants(true) ? await chooseServers(ids?.filter(isServerId), choice) : []),
  ];
}

/**
 * Whoever names directors and no cases means the cases about directors, and so with real servers. Cases that he names himself he gets, if only
 * to be told that they are not for this kind of target.
 */
export function casesForTargets(
  { case: globs, tag: tags }: RunOptions,
  cases: readonly AnyCase[],
  targets: readonly AnyTarget[],
): readonly AnyCase[] {
  if (globs !== undefined || tags !== undefined) return cases;
  const kinds = new Set(targets.map(isServerTarget));
  return cases.filter((theCase) => kinds.has(isServerCase(theCase)));
}
