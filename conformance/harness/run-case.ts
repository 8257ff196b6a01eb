import { UnsupportedFeature } from '../../reference/errors.ts';
import type { AnyTarget } from '../targets/server-target.ts';
import { describeFault } from './describe-fault.ts';
import { deviation } from './deviations.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import type { Observations } from './observations.ts';
import type { Check, Listing, Verdict } from './run.ts';
import type { AnyCase } from './server-case.ts';
import { settledWithin } from './settled-within.ts';
import { trialOf, unsupportedBecause, type Trial } from './trial.ts';
import type { FrameRecord } from './wire-recorder.ts';

/** What came of one case on one target. */
export interface CaseOutcome {
  readonly verdict: Verdict;
  /** Lines for people; empty for `pass`. */
  readonly reason: string;
  readonly deviations: readonly string[];
  /** Real time, in milliseconds. */
  readonly durationMs: number;
  readonly records: readonly FrameRecord[];
  /** Absent where the case saw no listing, compared no values. */
  readonly listings?: readonly Listing[];
  readonly checks?: readonly Check[];
  /** The case was given up: its target may hang. */
  readonly timedOut: boolean;
}

export interface CaseLimits {
  /** Real time after which the case is given up, in milliseconds. */
  readonly limitMs: number;
  /** Gives up at once when aborted. */
  readonly signal?: AbortSignal | undefined;
}

type Judgement = Pick<CaseOutcome, 'verdict' | 'reason'>;

/** Real time that the session of a case that was given up may take to close, in milliseconds. */
const CLOSING_LIMIT = 2000;

/** Runs a case on a started target. Never rejects: only a failed expectation is a verdict about what is under test, anything else is an `error`. */
export async function runCase(
  theCase: AnyCase,
  target: AnyTarget,
  { limitMs, signal }: CaseLimits,
): Promise<CaseOutcome> {
  const reason = unsupportedBecause(theCase, target);
  if (reason !== undefined) {
    return { verdict: 'unsupported', reason, deviations: [], durationMs: 0, records: [], timedOut: false };
  }
  const start = performance.now();
  const trial = trialOf(theCase, target, start + limitMs);
  const { network } = trial;
  const judgement = await settledWithin(perform(trial), limitMs, signal);
  if (judgement === undefined) {
    network.end(`the case was given up after ${limitMs / 1000} s`);
    await settledWithin(closeQuietly(trial), CLOSING_LIMIT);
  }
  const deviations = [...network.deviations].sort();
  return {
    ...(judgement === undefined
      ? { verdict: 'error', reason: `no end after ${limitMs / 1000} s` }
      : withDeviations(judgement, deviations)),
    deviations,
    durationMs: performance.now() - start,
    records: network.recorder.records,
    ...observed(network.observations),
    timedOut: judgement === undefined,
  };
}

async function perform(trial: Trial): Promise<Judgement> {
  try {
    const session = await trial.opening;
    const judgement = await judge(trial);
    // A session that rejects here has lost a frame: then nothing that the case found counts.
    await (trial.network.replacement ?? session).close();
    return judgement;
  } catch (error) {
    return { verdict: error instanceof UnsupportedFeature ? 'unsupported' : 'error', reason: describeFault(error) };
  }
}

async function judge(trial: Trial): Promise<Judgement> {
  try {
    await trial.play();
    return { verdict: 'pass', reason: '' };
  } catch (error) {
    if (error instanceof ExpectationFailed) return { verdict: 'fail', reason: error.message };
    return { verdict: 'error', reason: describeFault(error) };
  }
}

function withDeviations(judgement: Judgement, deviations: readonly string[]): Judgement {
  if (judgement.verdict !== 'pass' || deviations.length === 0) return judgement;
  const lines = deviations.map((id) => {
    const { title, source } = deviation(id);
    return `${id}: ${title} (${source.join(', ')})`;
  });
  return { verdict: 'deviates', reason: lines.join('\n') };
}

function observed({ listings, checks }: Observations): Pick<CaseOutcome, 'listings' | 'checks'> {
  return { ...(listings.length === 0 ? {} : { listings }), ...(checks.length === 0 ? {} : { checks }) };
}

async function closeQuietly({ network, opening }: Trial): Promise<void> {
  try {
    await (network.replacement ?? (await opening)).close();
  } catch {
    // The case is an error already; a session that cannot be closed adds nothing to it.
  }
}
