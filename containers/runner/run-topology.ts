import { join } from 'node:path';
import { describeFault } from '../../conformance/harness/describe-fault.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import type { RunningLab } from '../lab/running-lab.ts';
import { startLab } from '../lab/start-lab.ts';
import type { Topology } from '../topologies/topology.ts';
import type { ContainerCase } from './container-case.ts';
import type { Ground } from './ground.ts';
import { isAskedOf } from './is-asked-of.ts';
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

/** Runs all cases of a topology. Directors with the same cases go through them together, the others beside them: health checks mostly wait. */
export async function runTopology(options: TopologyRun): Promise<void> {
  const { topology, cases, kinds, say } = options;
  const groups = new Map<string, TopologyRun>();
  for (const kind of kinds) {
    const its = cases.filter((theCase) => isAskedOf(theCase, kind));
    if (its.length === 0) continue;
    const ids = its.map(({ id }) => id).join();
    groups.set(ids, { ...options, cases: its, kinds: [...(groups.get(ids)?.kinds ?? []), kind] });
  }
  const ends = await Promise.allSettled(
    [...groups.values()].map(async (group) => {
      const started = performance.now();
      await runTogether(group);
      const seconds = ((performance.now() - started) / 1000).toFixed(0);
      const directors = group.kinds.map(({ id }) => id).join(', ');
      say(`${topology.id}: ${group.cases.length} cases on ${directors} in ${seconds} s`);
    }),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** A lab for each director, side by side, case by case. */
async function runTogether(options: TopologyRun): Promise<void> {
  const { cases, kinds, signal, judged } = options;
  const labs = new Map(await Promise.all(kinds.map(async (kind) => [kind, await labFor(kind, options)] as const)));
  try {
    for (const theCase of cases) {
      signal.throwIfAborted();
      const outcomes = await Promise.all(
        [...labs].map(async ([kind, lab]) => [kind, await outcomeOf(theCase, kind, lab)] as const),
      );
      signal.throwIfAborted();
      judged(theCase, new Map(outcomes));
    }
  } finally {
    await Promise.all([...labs.values()].map(async (lab) => (typeof lab === 'string' ? undefined : lab.stop())));
  }
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

async function outcomeOf(
  theCase: ContainerCase,
  kind: DirectorKind,
  lab: RunningLab | string,
): Promise<ScenarioOutcome> {
  const lacks = theCase.needs.filter((need) => ![...kind.features].some((feature) => feature === need));
  const nothing = { durationMs: 0, checks: [], loads: [], capture: null, rules: null };
  if (lacks.length > 0) return { verdict: 'unsupported', reason: `${kind.id} has no ${lacks.join(', ')}`, ...nothing };
  if (typeof lab === 'string') return { verdict: 'error', reason: lab, ...nothing };
  return runScenario(theCase, lab);
}
