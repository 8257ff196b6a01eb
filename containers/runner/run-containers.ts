import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeCapture } from '../../conformance/captures/write-capture.ts';
import type { Run, RunResult, RunTarget } from '../../conformance/harness/run.ts';
import { selectCases } from '../../conformance/harness/select-cases.ts';
import { conclude } from '../../command/conclude.ts';
import { ProgressDisplay } from '../../command/progress.ts';
import type { Terminal } from '../../command/terminal.ts';
import { toolVersion } from '../../command/tool-version.ts';
import { untilInterrupted } from '../../command/until-interrupted.ts';
import { MalformedInput } from '../../reference/errors.ts';
import { ReportFolder } from '../../reports/report-folder.ts';
import { scaleText } from '../../reports/scale/scale-text.ts';
import { thinOut } from '../captures/thin-out.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { scenarios } from '../scenarios/index.ts';
import { topologies } from '../topologies/index.ts';
import { casesOf, factsOf, type ContainerCase } from './container-case.ts';
import { Ground } from './ground.ts';
import { isAskedOf } from './is-asked-of.ts';
import type { ScenarioOutcome } from './run-scenario.ts';
import { runTopology } from './run-topology.ts';

export interface ContainersOptions {
  readonly case?: readonly string[];
  readonly director?: readonly string[];
  readonly out: string;
}

/** Runs the cases on every director, judges, and writes the report. Resolves to the exit status. */
export async function runContainers(options: ContainersOptions, terminal: Terminal): Promise<number> {
  const cases = selectCases(casesOf(topologies, scenarios), options.case === undefined ? {} : { globs: options.case });
  const progress = new ProgressDisplay(terminal);
  const say = (line: string): void => progress.say(line);
  return untilInterrupted(async (signal) => {
    const folder = new ReportFolder(options.out);
    let run: Run;
    try {
      const ground = await Ground.prepare(say, signal);
      try {
        run = await runOn(ground, cases, { directors: options.director, folder, progress, signal });
      } finally {
        await ground.run.close();
      }
      folder.publish(run);
    } catch (error) {
      folder.discard();
      throw error;
    } finally {
      progress.end();
    }
    terminal.out(scaleText(run));
    return conclude(run, [], options, terminal);
  });
}

interface RunParts {
  /** Ids; undefined: all. */
  readonly directors: readonly string[] | undefined;
  readonly folder: ReportFolder;
  readonly progress: ProgressDisplay;
  readonly signal: AbortSignal;
}

async function runOn(
  ground: Ground,
  cases: readonly ContainerCase[],
  { directors, folder, progress, signal }: RunParts,
): Promise<Run> {
  const startedAt = new Date();
  const start = performance.now();
  const kinds = directorsWith(ground.kinds, directors);
  const total = kinds.reduce((sum, kind) => sum + cases.filter((theCase) => isAskedOf(theCase, kind)).length, 0);
  const results: RunResult[] = [];
  const judged = (theCase: ContainerCase, outcomes: ReadonlyMap<DirectorKind, ScenarioOutcome>): void => {
    for (const [kind, outcome] of outcomes) {
      const result = resultOf(theCase, kind, outcome, folder);
      results.push(result);
      progress.result({ done: results.length, total, result });
    }
  };
  for (const topology of new Set(cases.map((theCase) => theCase.topology))) {
    const its = cases.filter((theCase) => theCase.topology === topology);
    await runTopology({ topology, cases: its, kinds, ground, signal, judged, say: (line) => progress.say(line) });
  }
  return {
    schema: 1,
    tool: { name: 'lvs-conformance', version: toolVersion(), command: 'npm run containers' },
    startedAt: startedAt.toISOString(),
    durationMs: performance.now() - start,
    targets: kinds.map(describeKind),
    cases: cases.map(factsOf),
    results,
  };
}

function directorsWith(kinds: readonly DirectorKind[], ids: readonly string[] | undefined): readonly DirectorKind[] {
  const known = kinds.map(({ id }) => id);
  const unknown = ids?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new MalformedInput(`no director is named ${unknown}; there are ${known.join(', ')}`);
  return kinds.filter(({ id }) => ids?.includes(id) ?? true);
}

function resultOf(
  theCase: ContainerCase,
  kind: DirectorKind,
  { verdict, reason, durationMs, checks, loads, capture }: ScenarioOutcome,
  folder: ReportFolder,
): RunResult {
  const name = capture === null ? null : join('captures', kind.id, `${theCase.id}.pcapng`);
  if (capture !== null && name !== null) {
    mkdirSync(dirname(join(folder.staging, name)), { recursive: true });
    writeCapture(join(folder.staging, name), thinOut(capture, theCase.topology));
  }
  return {
    case: theCase.id,
    target: kind.id,
    verdict,
    durationMs,
    reason,
    deviations: [],
    capture: name,
    firstDifference: null,
    checks,
    ...(loads.length > 0 && { loads }),
  };
}

function describeKind({ id, description, version, features }: DirectorKind): RunTarget {
  return { id, description, version, features: [...features] };
}
