import type { FirstDifference } from '../../conformance/harness/run.ts';
import { compareForwarding } from '../captures/compare-forwarding.ts';
import type { ContainerCase } from './container-case.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

/** What came of a scenario, beside what the reference did. */
export interface ComparedOutcome {
  readonly outcome: ScenarioOutcome;
  readonly firstDifference: FirstDifference | null;
}

/** The outcome of a target, by its id. */
export type Labelled = readonly [id: string, outcome: ScenarioOutcome];

/** The first difference says what is wrong; a thousand like it say no more. */
const MOST_LINES = 40;

/**
 * Judges an outcome by the reference's, too: a passed scenario in which a director forwarded otherwise fails, unless the scenario says why
 * it may.
 */
export function compareOutcomes(
  { topology, scenario }: ContainerCase,
  [referenceId, reference]: Labelled,
  [id, outcome]: Labelled,
): ComparedOutcome {
  if (id === referenceId || reference.capture === null || outcome.capture === null)
    return { outcome, firstDifference: null };
  const { firstDifference, lines } = compareForwarding(reference.capture, outcome.capture, topology, {
    labels: [referenceId, id],
  });
  const counts = firstDifference !== null && outcome.verdict === 'pass' && reference.verdict === 'pass';
  if (!counts || scenario.mayDiffer !== undefined) return { outcome, firstDifference };
  const shown =
    lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more`] : lines;
  const reason = ['forwarded otherwise than the reference did:', ...shown].join('\n');
  return { outcome: { ...outcome, verdict: 'fail', reason }, firstDifference };
}
