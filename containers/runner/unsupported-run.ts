import type { Run, RunResult, RunTarget } from '../../conformance/harness/run.ts';
import { MalformedInput } from '../../reference/errors.ts';
import type { ContainerCase } from './container-case.ts';
import { runFrame } from './run-frame.ts';

/** The directors that there would be. Which kernel, is only known with one: its id begins so. */
const DIRECTORS = ['docker-reference', 'docker-kernel', 'docker-keepalived'] as const;

/**
 * A run of which nothing could be run: each case is unsupported for `reason` on every director that it would be asked of.
 *
 * @param ids of directors; undefined: all
 * @throws MalformedInput for one that there would not be
 */
export function unsupportedRun(
  cases: readonly ContainerCase[],
  reason: string,
  ids: readonly string[] | undefined,
): Run {
  const unknown = ids?.find((id) => !DIRECTORS.some((director) => id.startsWith(director)));
  if (unknown !== undefined) {
    throw new MalformedInput(`no director is named ${unknown}; there are ${DIRECTORS.join(', ')}`);
  }
  const directors = DIRECTORS.filter((director) => ids?.some((id) => id.startsWith(director)) ?? true);
  const targets = directors.map((id): RunTarget => ({
    id,
    description: 'in a container',
    version: 'none',
    features: id === 'docker-keepalived' ? ['health-checks'] : [],
  }));
  const nothing = {
    verdict: 'unsupported',
    durationMs: 0,
    deviations: [],
    capture: null,
    firstDifference: null,
  } as const;
  return {
    ...runFrame(cases),
    startedAt: new Date().toISOString(),
    durationMs: 0,
    targets,
    results: targets.flatMap(({ id: target, features }) =>
      cases
        .filter(({ needs }) => needs.includes('health-checks') === features.includes('health-checks'))
        .map(({ id }): RunResult => ({ case: id, target, reason, ...nothing })),
    ),
  };
}
