import type { Environment } from '../../reference/environment.ts';
import { UnsupportedFeature } from '../../reference/errors.ts';
import type { Feature, Session, Target } from '../targets/target.ts';
import type { Case } from './case.ts';
import { CaseLab } from './case-lab.ts';
import { describeFault } from './describe-fault.ts';
import { deviation } from './deviations.ts';
import { environmentOfCase } from './environment-of-case.ts';
import { ExpectationFailed } from './expectation-failed.ts';
import { needsOfCase } from './needs-of-case.ts';
import { Network } from './network.ts';
import type { Observations } from './observations.ts';
import type { Check, Listing, Verdict } from './run.ts';
import { settledWithin } from './settled-within.ts';
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

/** Runs a case on a started target. Never rejects: only a failed expectation is a verdict about the director, anything else is an `error`. */
export async function runCase(theCase: Case, target: Target, { limitMs, signal }: CaseLimits): Promise<CaseOutcome> {
  const needs = needsOfCase(theCase);
  const lacks = needs.filter((feature) => !target.features.has(feature));
  if (lacks.length > 0) {
    const reason = `${target.id} has no ${lacks.join(', ')}`;
    return { verdict: 'unsupported', reason, deviations: [], durationMs: 0, records: [], timedOut: false };
  }
  const start = performance.now();
  const network = new Network(start + limitMs);
  const environment = environmentOfCase(theCase);
  const opening = target.open(environment, (port, frame) => network.receive(port, frame));
  const judgement = await settledWithin(
    perform(theCase, target, new Set(needs), environment, network, opening),
    limitMs,
    signal,
  );
  if (judgement === undefined) {
    network.end(`the case was given up after ${limitMs / 1000} s`);
    await settledWithin(closeQuietly(opening), CLOSING_LIMIT);
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

/** The commands of a case's rules: one a line, blank lines left out. */
export function commandsOf(rules: string): readonly string[] {
  return rules
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

async function perform(
  theCase: Case,
  target: Target,
  needs: ReadonlySet<Feature>,
  environment: Environment,
  network: Network,
  opening: Promise<Session>,
): Promise<Judgement> {
  try {
    const session = await opening;
    const judgement = await judge(theCase, target, needs, environment, network, session);
    // A session that rejects here has lost a frame: then nothing that the case found counts.
    await session.close();
    return judgement;
  } catch (error) {
    return { verdict: error instanceof UnsupportedFeature ? 'unsupported' : 'error', reason: describeFault(error) };
  }
}

async function judge(
  theCase: Case,
  target: Target,
  needs: ReadonlySet<Feature>,
  environment: Environment,
  network: Network,
  session: Session,
): Promise<Judgement> {
  try {
    network.connect(session);
    const lab = new CaseLab(environment, needs, network, target.profile);
    const rules = commandsOf(theCase.rules);
    if (rules.length > 0) await lab.configure(...rules);
    await theCase.script(lab);
    lab.nothingElse();
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

async function closeQuietly(opening: Promise<Session>): Promise<void> {
  try {
    await (await opening).close();
  } catch {
    // The case is an error already; a session that cannot be closed adds nothing to it.
  }
}
