import { basename, join } from 'node:path';
import { type Profile, sameChoices } from '../../reference/profile.ts';
import { type AnyTarget, isServerTarget } from '../targets/server-target.ts';
import type { Target } from '../targets/target.ts';
import { captureOfCase } from './capture-of-case.ts';
import { CaptureWriter } from './capture-writer.ts';
import { compareWithReference } from './compare-with-reference.ts';
import { describeFault } from './describe-fault.ts';
import { needsOfCase } from './needs-of-case.ts';
import { probeTarget } from './probe-target.ts';
import { type CaseOutcome, runCase } from './run-case.ts';
import type { FirstDifference, Run, RunCase, RunResult, RunTarget } from './run.ts';
import { type AnyCase, isServerCase } from './server-case.ts';

export interface SuiteOptions {
  /**
   * Cases about directors are put to directors, those about real servers to servers; where there is no target of a case's kind, to all, who
   * then say that it is not for them.
   */
  readonly cases: readonly AnyCase[];
  readonly targets: readonly AnyTarget[];
  /** Makes the director that the targets of a profile are compared with. It runs silently, unless a target has its id and profile. */
  readonly reference: (profile: Profile) => Target;
  readonly tool: { readonly version: string; readonly command: string };
  /** The folder `captures` of the run's folder, made where missing; without one, no capture is written. */
  readonly capturesFolder?: string | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the run: targets are stopped, and `runSuite` rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Real time for one case, in milliseconds. Default 10,000. */
  readonly caseLimitMs?: number | undefined;
}

export interface Progress {
  /** Results so far, this one included, of `total`. */
  readonly done: number;
  readonly total: number;
  readonly result: RunResult;
}

/** After so many cases without an end, one after the other, a target is taken for dead. */
const TOLERATED_HANGS = 3;

/**
 * Runs every case on every target, the reference first, and judges. Results are ordered by target, then case, as given.
 *
 * @throws what `signal` gives as its reason; MalformedInput when a capture cannot be written
 */
export async function runSuite(options: SuiteOptions): Promise<Run> {
  return new Suite(options).run();
}

class Suite {
  readonly #options: SuiteOptions;
  readonly #targets: readonly AnyTarget[];
  /** Which reference each target is compared with. */
  readonly #references: ReadonlyMap<AnyTarget, Target>;
  /** By reference and case. */
  readonly #referenceOutcomes = new Map<AnyTarget, Map<AnyCase, CaseOutcome>>();
  readonly #captures = new CaptureWriter();
  readonly #stopping = new AbortController();
  #done = 0;

  constructor(options: SuiteOptions) {
    this.#options = options;
    this.#references = referencesOf(options);
    for (const reference of this.#references.values()) this.#referenceOutcomes.set(reference, new Map());
    this.#targets = [...new Set([...this.#references.values(), ...options.targets])];
  }

  async run(): Promise<Run> {
    const { cases, targets, tool, signal } = this.#options;
    const startedAt = new Date();
    const start = performance.now();
    const cancel = () => this.#stopping.abort(signal?.reason);
    signal?.addEventListener('abort', cancel);
    try {
      if (signal?.aborted === true) cancel();
      const results = await this.#runTargets();
      this.#stopping.signal.throwIfAborted();
      await this.#captures.finish();
      return {
        schema: 1,
        tool: { name: 'lvs-conformance', ...tool },
        startedAt: startedAt.toISOString(),
        durationMs: performance.now() - start,
        targets: targets.map(describeTarget),
        cases: cases.map((theCase) => ({ ...factsOf(theCase), needs: needsOfCase(theCase) })),
        results: targets.flatMap((target) => results.get(target) ?? []),
      };
    } finally {
      // A failure in one target's cases must not leave the others at work.
      this.#stopping.abort();
      signal?.removeEventListener('abort', cancel);
      await Promise.allSettled([this.#captures.finish(), ...this.#targets.map((target) => target.stop())]);
    }
  }

  /** The references run while the others start: a kernel takes seconds to boot. */
  async #runTargets(): Promise<ReadonlyMap<AnyTarget, readonly RunResult[]>> {
    const starts = new Map(this.#targets.map((target) => [target, this.#start(target)]));
    const results = new Map<AnyTarget, readonly RunResult[]>();
    const runTarget = async (target: AnyTarget) => {
      results.set(target, await this.#runCases(target, await starts.get(target)));
    };
    const references = new Set<AnyTarget>(this.#references.values());
    for (const reference of references) await runTarget(reference);
    await Promise.all(this.#targets.filter((target) => !references.has(target)).map(runTarget));
    return results;
  }

  /** @returns why the target's results cannot count, or undefined */
  async #start(target: AnyTarget): Promise<string | undefined> {
    try {
      await target.start();
    } catch (error) {
      return `${target.id} did not start: ${describeFault(error)}`;
    }
    return isServerTarget(target) ? undefined : probeTarget(target);
  }

  /** @param mistrust why nothing that the target shows can count */
  async #runCases(target: AnyTarget, mistrust: string | undefined): Promise<readonly RunResult[]> {
    const { caseLimitMs = 10_000 } = this.#options;
    const cases = this.#casesFor(target);
    const { signal } = this.#stopping;
    const results = new Map<AnyCase, RunResult>();
    const own = this.#referenceOutcomes.get(target);
    const queue = cases.values();
    let refusal = mistrust;
    let hangs = 0;
    const isStopped = () => signal.aborted;
    const work = async () => {
      for (const theCase of queue) {
        // Cases of the reference run without ever leaving the microtask queue: signals and other targets need a turn too.
        await new Promise((resolve) => setImmediate(resolve));
        if (isStopped()) return;
        const outcome =
          refusal === undefined ? await runCase(theCase, target, { limitMs: caseLimitMs, signal }) : notRun(refusal);
        if (isStopped()) return;
        hangs = outcome.timedOut ? hangs + 1 : 0;
        if (hangs >= TOLERATED_HANGS)
          refusal = `not run: ${target.id} came to no end in ${hangs} cases one after the other`;
        own?.set(theCase, outcome);
        if (this.#options.targets.includes(target)) results.set(theCase, this.#report(theCase, target, outcome));
      }
    };
    await Promise.all(Array.from({ length: target.concurrency }, work));
    return cases.flatMap((theCase) => results.get(theCase) ?? []);
  }

  #casesFor(target: AnyTarget): readonly AnyCase[] {
    const { cases, targets } = this.#options;
    const kinds = new Set(targets.map(isServerTarget));
    return cases.filter(
      (theCase) => isServerCase(theCase) === isServerTarget(target) || !kinds.has(isServerCase(theCase)),
    );
  }

  #report(theCase: AnyCase, target: AnyTarget, ownOutcome: CaseOutcome): RunResult {
    const { outcome, firstDifference } = this.#compared(theCase, target, ownOutcome);
    const { verdict, reason, deviations, durationMs, listings, checks } = outcome;
    const capture = this.#writeCapture(theCase, target, outcome);
    const result = {
      case: theCase.id,
      target: target.id,
      verdict,
      durationMs,
      reason,
      deviations,
      capture,
      firstDifference,
      ...(listings === undefined ? {} : { listings }),
      ...(checks === undefined ? {} : { checks }),
    };
    this.#done++;
    const total = this.#options.targets.reduce((sum, each) => sum + this.#casesFor(each).length, 0);
    this.#options.onProgress?.({ done: this.#done, total, result });
    return result;
  }

  /** A difference from a reference that did well counts at level `ipvs` and informs at level `core`. */
  #compared(
    theCase: AnyCase,
    target: AnyTarget,
    outcome: CaseOutcome,
  ): { outcome: CaseOutcome; firstDifference: FirstDifference | null } {
    const its = this.#references.get(target);
    const reference = its === undefined || its === target ? undefined : this.#referenceOutcomes.get(its)?.get(theCase);
    if (reference === undefined || !hasFrames(outcome) || !hasFrames(reference))
      return { outcome, firstDifference: null };
    const { difference, otherStimulus } = compareWithReference(reference.records, outcome.records);
    const counts =
      difference !== null && theCase.level === 'ipvs' && outcome.verdict === 'pass' && reference.verdict === 'pass';
    if (!counts) return { outcome, firstDifference: difference };
    const reason = describeDifference(difference, otherStimulus);
    return { outcome: { ...outcome, verdict: 'fail', reason }, firstDifference: difference };
  }

  #writeCapture(theCase: AnyCase, target: AnyTarget, outcome: CaseOutcome): string | null {
    const { capturesFolder } = this.#options;
    if (capturesFolder === undefined || outcome.records.length === 0) return null;
    const name = join(target.id, `${theCase.id}.pcapng`);
    this.#captures.write(join(capturesFolder, name), captureOfCase(theCase, target.id, outcome));
    return join(basename(capturesFolder), name);
  }
}

/**
 * The reference of each director: directors that are held to the same choices have the same. Real servers have none: what a host is free to
 * choose, such as its first sequence number, it chooses.
 */
function referencesOf({ targets, reference }: SuiteOptions): ReadonlyMap<AnyTarget, Target> {
  const directors = targets.filter((target): target is Target => !isServerTarget(target));
  const made: Target[] = [];
  const make = (profile: Profile): Target => {
    const own = reference(profile);
    const listed = directors.find((target) => target.id === own.id && sameChoices(target.profile, profile));
    made.push(listed ?? own);
    return listed ?? own;
  };
  return new Map(
    directors.map((target) => [
      target,
      made.find(({ profile }) => sameChoices(profile, target.profile)) ?? make(target.profile),
    ]),
  );
}

const hasFrames = ({ verdict, records }: CaseOutcome) => verdict !== 'error' && records.length > 0;

function describeDifference(difference: FirstDifference, otherStimulus: boolean): string {
  const { layer, field, offset, expected, observed } = difference;
  const place =
    layer === undefined
      ? `frame ${difference.frame}`
      : `frame ${difference.frame}, ${layer}.${field ?? ''} (byte ${offset ?? '?'})`;
  return [
    `other than the reference at ${place}`,
    `reference: ${expected}`,
    `observed: ${observed}`,
    ...(otherStimulus
      ? ['the hosts went on differently from there: another server was chosen, or an answer was another']
      : []),
  ].join('\n');
}

const notRun = (reason: string): CaseOutcome => ({
  verdict: 'error',
  reason,
  deviations: [],
  durationMs: 0,
  records: [],
  timedOut: false,
});

function describeTarget(target: AnyTarget): RunTarget {
  const { id, description, version, features } = target;
  const profile = isServerTarget(target) ? {} : { profile: target.profile.id };
  return { id, description, version, ...profile, features: [...features].sort() };
}

function factsOf({ id, title, requirement, source, level, tags }: AnyCase): Omit<RunCase, 'needs'> {
  return { id, title, requirement, source, level, tags };
}
