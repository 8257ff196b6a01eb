import type { Capture } from '../../conformance/captures/capture.ts';
import { readCapture } from '../../conformance/captures/read-capture.ts';
import { describeFault } from '../../conformance/harness/describe-fault.ts';
import { ExpectationFailed } from '../../conformance/harness/expectation-failed.ts';
import type { Check, DirectorLoad, Verdict } from '../../conformance/harness/run.ts';
import { settledWithin } from '../../conformance/harness/settled-within.ts';
import { InternalFault, UnsupportedFeature } from '../../reference/errors.ts';
import { mergeTaps } from '../captures/merge-taps.ts';
import type { RunningLab } from '../lab/running-lab.ts';
import { isMarker } from '../lab/switch.ts';
import { Judge } from '../scenarios/judge.ts';
import type { Scenario } from '../scenarios/scenario.ts';
import type { ContainerCase } from './container-case.ts';

/** Real time for one scenario, in milliseconds: the longest waits for an idle connection. */
const LIMIT_MS = 60_000;

export interface ScenarioOutcome {
  readonly verdict: Verdict;
  /** Empty for `pass`. */
  readonly reason: string;
  readonly durationMs: number;
  readonly checks: readonly Check[];
  readonly loads: readonly DirectorLoad[];
  /** All that was seen on all cables; null where nothing was recorded. */
  readonly capture: Capture | null;
  /** The rules that the director had all the time; null where the script changed them. */
  readonly rules: readonly string[] | null;
}

type Judgement = Pick<ScenarioOutcome, 'verdict' | 'reason'>;

/** Runs a scenario in its lab, which is clean before and after. Never rejects, as {@link judgementOf} says. */
export async function runScenario({ scenario }: ContainerCase, lab: RunningLab): Promise<ScenarioOutcome> {
  const started = performance.now();
  const judge = new Judge();
  let capture: Capture | null = null;
  let rules: readonly string[] | null = null;
  const judgement = await judgementOf(async () => {
    await lab.director.configure(scenario.rules(lab));
    if (scenario.recorded === false) return play(scenario, lab, judge);
    await lab.cables.record();
    try {
      await play(scenario, lab, judge);
    } finally {
      rules = lab.director.steadyRules;
      const taps = await lab.cables.stopRecording();
      capture = mergeTaps(
        taps.map(({ tap, path }) => ({
          machine: tap.machine.name,
          interface: tap.interface,
          capture: machinesFrames(readCapture(path)),
        })),
      );
    }
  });
  const clean = await judgementOf(async () => {
    await lab.cables.repair();
    await lab.director.clear();
  });
  return {
    ...(judgement.verdict === 'pass' ? clean : judgement),
    durationMs: performance.now() - started,
    checks: judge.checks,
    loads: judge.loads,
    capture,
    rules,
  };
}

async function play(scenario: Scenario, lab: RunningLab, judge: Judge): Promise<void> {
  // Commands of machines have limits of their own; a script that still has not ended waits for what will not come.
  const ended = await settledWithin(
    scenario.script(lab, judge).then(() => true),
    LIMIT_MS,
  );
  if (ended !== true) throw new InternalFault(`came to no end in ${LIMIT_MS / 1000} s`);
}

function machinesFrames(capture: Capture): Capture {
  return { ...capture, frames: capture.frames.filter(({ bytes }) => !isMarker(bytes)) };
}

/** Only a failed expectation is a verdict about the director, anything else is the harness's own fault. */
async function judgementOf(work: () => Promise<void>): Promise<Judgement> {
  try {
    await work();
    return { verdict: 'pass', reason: '' };
  } catch (error) {
    if (error instanceof ExpectationFailed) return { verdict: 'fail', reason: error.message };
    const verdict = error instanceof UnsupportedFeature ? 'unsupported' : 'error';
    return { verdict, reason: describeFault(error) };
  }
}
