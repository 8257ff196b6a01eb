import type { Run, RunResult, RunTarget } from '../../conformance/harness/run.ts';
import { selectCases } from '../../conformance/harness/select-cases.ts';
import { caseLines } from '../../command/case-lines.ts';
import { EXIT_STATUS } from '../../command/explain-error.ts';
import { conclude } from '../../command/conclude.ts';
import { ProgressDisplay } from '../../command/progress.ts';
import type { Terminal } from '../../command/terminal.ts';
import { untilInterrupted } from '../../command/until-interrupted.ts';
import { MalformedInput, UnsupportedFeature } from '../../reference/errors.ts';
import { ReportFolder } from '../../reports/report-folder.ts';
import { scaleText } from '../../reports/scale/scale-text.ts';
import type { DirectorKind } from '../directors/director-kind.ts';
import { scenarios } from '../scenarios/index.ts';
import { topologies } from '../topologies/index.ts';
import { casesOf, type ContainerCase } from './container-case.ts';
import { Ground } from './ground.ts';
import { isAskedOf } from './is-asked-of.ts';
import type { ScenarioOutcome } from './run-scenario.ts';
import { resultsOfCase } from './results-of-case.ts';
import { runFrame } from './run-frame.ts';
import { runTopology } from './run-topology.ts';
import { unsupportedRun } from './unsupported-run.ts';

export interface ContainersOptions {
  readonly case?: readonly string[];
  readonly director?: readonly string[];
  readonly list?: true;
  readonly out: string;
}

/** Runs the cases on every director, judges, and writes the report. Resolves to the exit status. */
export async function runContainers(options: ContainersOptions, terminal: Terminal): Promise<number> {
  const cases = selectCases(casesOf(topologies, scenarios), {
    lister: '--list',
    ...(options.case === undefined ? {} : { globs: options.case }),
  });
  if (options.list === true) {
    terminal.out(caseLines(cases));
    return EXIT_STATUS.ok;
  }
  const progress = new ProgressDisplay(terminal);
  const say = (line: string): void => progress.say(line);
  return untilInterrupted(async (signal) => {
    const folder = new ReportFolder(options.out);
    try {
      const ground = await groundOrWhyNone(say, signal);
      const run =
        typeof ground === 'string'
          ? unsupportedRun(cases, ground, options.director)
          : await runOn(ground, cases, { directors: options.director, folder, progress, signal });
      folder.publish(run);
      progress.end();
      terminal.out(scaleText(run));
      const status = conclude(run, [], options, terminal);
      if (typeof ground !== 'string') return status;
      terminal.err(`containers: nothing was run: ${ground}\n`);
      // Where machines decide, what was not tried must not look as if it had gone well.
      return process.env['CI'] === undefined ? status : EXIT_STATUS.failed;
    } catch (error) {
      folder.discard();
      throw error;
    } finally {
      progress.end();
    }
  });
}

/** What labs stand on, or why there can be none, and the mend. */
async function groundOrWhyNone(say: (line: string) => void, signal: AbortSignal): Promise<Ground | string> {
  try {
    return await Ground.prepare(say, signal);
  } catch (error) {
    if (error instanceof UnsupportedFeature) return error.message;
    throw error;
  }
}

interface RunParts {
  /** Ids; undefined: all. */
  readonly directors: readonly string[] | undefined;
  readonly folder: ReportFolder;
  readonly progress: ProgressDisplay;
  readonly signal: AbortSignal;
}

async function runOn(ground: Ground, cases: readonly ContainerCase[], parts: RunParts): Promise<Run> {
  const { directors, folder, progress, signal } = parts;
  const startedAt = new Date();
  const start = performance.now();
  try {
    const kinds = directorsWith(ground.kinds, directors).filter((kind) =>
      cases.some((theCase) => isAskedOf(theCase, kind)),
    );
    const total = kinds.reduce((sum, kind) => sum + cases.filter((theCase) => isAskedOf(theCase, kind)).length, 0);
    const results: RunResult[] = [];
    const judged = (theCase: ContainerCase, outcomes: ReadonlyMap<DirectorKind, ScenarioOutcome>): void => {
      for (const result of resultsOfCase(theCase, outcomes, folder.staging)) {
        results.push(result);
        progress.result({ done: results.length, total, result });
      }
    };
    for (const topology of new Set(cases.map((theCase) => theCase.topology))) {
      const its = cases.filter((theCase) => theCase.topology === topology);
      await runTopology({ topology, cases: its, kinds, ground, signal, judged, say: (line) => progress.say(line) });
    }
    const duration = { startedAt: startedAt.toISOString(), durationMs: performance.now() - start };
    return { ...runFrame(cases), ...duration, targets: kinds.map(describeKind), results };
  } finally {
    await ground.run.close();
  }
}

function directorsWith(kinds: readonly DirectorKind[], ids: readonly string[] | undefined): readonly DirectorKind[] {
  const known = kinds.map(({ id }) => id);
  const unknown = ids?.find((id) => !known.includes(id));
  if (unknown !== undefined) throw new MalformedInput(`no director is named ${unknown}; there are ${known.join(', ')}`);
  return kinds.filter(({ id }) => ids?.includes(id) ?? true);
}

function describeKind({ id, description, version, features }: DirectorKind): RunTarget {
  return { id, description, version, features: [...features] };
}
