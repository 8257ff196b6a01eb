import { join } from 'node:path';
import { describeFault } from '../../conformance/harness/describe-fault.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import type { RunningLab } from '../lab/running-lab.ts';
import { startLab } from '../lab/start-lab.ts';
import type { Topology } from '../topologies/topology.ts';
import type { ContainerCase } from './container-case.ts';
import type { Ground } from './ground.ts';
import { runScenario, type ScenarioOutcome } from './run-scenario.ts';

export interface TopologyRun {
  readonly topology: Topology;
  readonly cases: readonly ContainerCase[];
  readonly kinds: readonly DirectorKind[];
  readonly ground: Ground;
  readonly signal: AbortSignal;
  /** Told what came of a case, of all directors at once: they are compared, and then forgotten. */
  readonly judged: (theCase: ContainerCase, outcomes: ReadonlyMap<DirectorKind, ScenarioOutcome>) => void;
  readonly say: (line: string) => void;
}

/** Runs all cases of a topology: a lab for each director, side by side, case by case. */
export async function runTopology(options: TopologyRun): Promise<void> {
  const { topology, cases, kinds, signal, judged } = options;
  const labs = new Map(await Promise.all(kinds.map(async (kind) => [kind, await labFor(kind, options)] as const)));
  try {
    for (const theCase of cases) {
      signal.throwIfAborted();
      const outcomes = await Promise.all(
        [...labs].map(async ([kind, lab]) => [kind, await outcomeOf(theCase, kind, lab)] as const),
      );
      signal.throwIfAborted();
      judged(theCase, new Map(outcomes.flatMap(([kind, outcome]) => (outcome === null ? [] : [[kind, outcome]]))));
    }
  } finally {
    await Promise.all([...labs.values()].map(async (lab) => (typeof lab === 'string' ? undefined : lab.stop())));
  }
  options.say(`${topology.id}: done`);
}

/** A lab, or why there is none. */
async function labFor(kind: DirectorKind, { topology, ground, say }: TopologyRun): Promise<RunningLab | string> {
  const started = performance.now();
  try {
    const lab = await startLab({
      topology,
      kind,
      run: ground.run,
      kernelFor: ground.kernelFor,
      content: ground.content,
      captures: join(ground.run.folder, `${topology.id}-${kind.id}`),
    });
    say(`${topology.id} with ${kind.id}: up in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return lab;
  } catch (error) {
    return `${topology.id} with ${kind.id} did not start: ${describeFault(error)}`;
  }
}

/** Null where the case is not for directors of this kind. */
async function outcomeOf(
  theCase: ContainerCase,
  kind: DirectorKind,
  lab: RunningLab | string,
): Promise<ScenarioOutcome | null> {
  // Who can ask servers how they are is run with the cases about that, and is else the director that stands behind it.
  if (kind.features.has('health-checks') !== theCase.needs.includes('health-checks')) return null;
  const lacks = theCase.needs.filter((need) => ![...kind.features].some((feature) => feature === need));
  const nothing = { durationMs: 0, checks: [], loads: [], capture: null };
  if (lacks.length > 0) return { verdict: 'unsupported', reason: `${kind.id} has no ${lacks.join(', ')}`, ...nothing };
  if (typeof lab === 'string') return { verdict: 'error', reason: lab, ...nothing };
  return runScenario(theCase, lab);
}
