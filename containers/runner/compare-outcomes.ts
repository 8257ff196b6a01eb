import type { FirstDifference } from '../../conformance/harness/run.ts';
import { compareForwarding } from '../captures/compare-forwarding.ts';
import { replayThroughReference } from '../captures/replay-through-reference.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { environmentOf } from '../directors/environment-of.ts';
import type { ContainerCase } from './container-case.ts';
import type { ScenarioOutcome } from './run-scenario.ts';

/** What came of a scenario, beside what the reference did. */
export interface ComparedOutcome {
  readonly outcome: ScenarioOutcome;
  readonly firstDifference: FirstDifference | null;
}

/** What came of a scenario with a director. */
export type Labelled = readonly [kind: DirectorKind, outcome: ScenarioOutcome];

/** The first difference says what is wrong; a thousand like it say no more. */
const MOST_LINES = 40;

/**
 * Judges an outcome by the reference's, too: a passed scenario in which a director forwarded otherwise fails, unless the scenario says why
 * it may. What the reference makes of the very frames
 * that came to the director is told beside it.
 *
 * @param reference undefined where the reference was not run
 */
export function compareOutcomes(
  theCase: ContainerCase,
  reference: Labelled | undefined,
  own: Labelled,
): ComparedOutcome {
  const { topology, scenario } = theCase;
  const [kind, given] = own;
  const outcome = replayed(theCase, own);
  if (reference === undefined) return { outcome, firstDifference: null };
  const [{ id: referenceId }, { capture, verdict }] = reference;
  if (kind.id === referenceId || capture === null || given.capture === null) return { outcome, firstDifference: null };
  const { firstDifference, lines } = compareForwarding(capture, given.capture, topology, {
    labels: [referenceId, kind.id],
  });
  const counts = firstDifference !== null && outcome.verdict === 'pass' && verdict === 'pass';
  if (!counts || scenario.mayDiffer !== undefined) return { outcome, firstDifference };
  const shown =
    lines.length > MOST_LINES ? [...lines.slice(0, MOST_LINES), `… and ${lines.length - MOST_LINES} more`] : lines;
  const reason = ['forwarded otherwise than the reference did:', ...shown].join('\n');
  return { outcome: { ...outcome, verdict: 'fail', reason }, firstDifference };
}

/**
 * The outcome with a check of what the director sent against what the reference makes of what came in, where rules stayed and chance had no
 * part. It is told and not judged: two frames that arrive at once may have been taken in another order than they were recorded in, and then all
 * that follows goes to another server; who lost what others told him, as of a narrow path, goes on otherwise than one who heard it.
 */
function replayed({ topology, scenario }: ContainerCase, [{ profile }, outcome]: Labelled): ScenarioOutcome {
  const { capture, rules, checks } = outcome;
  if (capture === null || rules === null || scenario.mayDiffer !== undefined) return outcome;
  const environment = environmentOf(topology);
  const replay = replayThroughReference(capture, { topology, environment, profile, rules });
  const { compared, differing, lost, firstDifference: first } = replay;
  const where =
    first === null ? '' : `; the first: ${first.expected} from the reference, ${first.observed} from the director`;
  const check = {
    frames: capture.frames.length,
    time: checks.at(-1)?.time ?? 0,
    what: `of ${compared} frames that the director sent, those that the reference does not make of what came in (${lost} that it lost left out)`,
    required: '0, but for what order of arrival and lost frames explain',
    actual: `${differing}${where}`,
  };
  return { ...outcome, checks: [...checks, check] };
}
