import type { Run, RunCase, RunResult, RunTarget } from '../conformance/harness/run.ts';
import { dateTime } from './date-time.ts';

export interface MergedRuns {
  readonly run: Run;
  /** Where the captures of the results come from and are named now; paths relative to the folders of their runs. */
  readonly captures: readonly MergedCapture[];
}

export interface MergedCapture {
  /** Index of the run that has it. */
  readonly run: number;
  readonly from: string;
  readonly to: string;
}

/**
 * Several runs as one, which is as if one run had had all of their targets; a run alone stays as it is.
 *
 * - Targets of the same id are one target where id, description, version and features agree and no case ran on both: the shards of a run.
 *   Otherwise the second becomes `kernel-6.1 (2)`, the third `kernel-6.1 (3)`, in the order of the runs, and the descriptions of all of
 *   them say when they ran.
 * - A case that was changed between the runs is told as the latest run has it.
 * - The time is that of the first run, the duration the sum, the command all of the commands.
 */
export function mergeRuns(runs: readonly [Run, ...Run[]]): MergedRuns {
  const [first] = runs;
  const places = placeTargets(runs);
  const captures: MergedCapture[] = [];
  const results = places.flatMap(({ id, parts }) =>
    parts.flatMap(({ run, target }) =>
      (runs[run]?.results ?? [])
        .filter((result) => result.target === target.id)
        .map((result): RunResult => {
          if (result.capture === null) return { ...result, target: id };
          const capture = result.capture.replace(`captures/${target.id}/`, () => `captures/${id}/`);
          captures.push({ run, from: result.capture, to: capture });
          return { ...result, target: id, capture };
        }),
    ),
  );
  const run: Run = {
    schema: 1,
    tool: {
      name: first.tool.name,
      version: [...new Set(runs.map(({ tool }) => tool.version))].join(', '),
      command: [...new Set(runs.map(({ tool }) => tool.command))].join('; '),
    },
    startedAt: runs
      .map(({ startedAt }) => startedAt)
      .reduce((one, other) => (Date.parse(other) < Date.parse(one) ? other : one)),
    durationMs: runs.reduce((sum, { durationMs }) => sum + durationMs, 0),
    targets: places.map((place) => describe(place, places)),
    cases: mergeCases(runs),
    results,
  };
  return { run, captures };
}

/** A target of the merged run, and the targets of the runs that it consists of. */
interface Place {
  readonly id: string;
  /** As the first of its runs has it. */
  readonly target: RunTarget;
  readonly startedAt: string;
  readonly parts: { readonly run: number; readonly target: RunTarget }[];
  /** Those that its parts have results of. */
  readonly cases: Set<string>;
}

function placeTargets(runs: readonly Run[]): readonly Place[] {
  const taken = new Set(runs.flatMap(({ targets }) => targets.map(({ id }) => id)));
  const places: Place[] = [];
  for (const [index, { startedAt, targets, results }] of runs.entries()) {
    for (const target of targets) {
      const cases = results.filter((result) => result.target === target.id).map((result) => result.case);
      const namesakes = places.filter((place) => place.target.id === target.id);
      const whole = namesakes.find(
        (place) => sameTarget(place.target, target) && !cases.some((id) => place.cases.has(id)),
      );
      const place = whole ?? {
        id: freeId(target.id, namesakes.length + 1, taken),
        target,
        startedAt,
        parts: [],
        cases: new Set(),
      };
      if (whole === undefined) places.push(place);
      place.parts.push({ run: index, target });
      for (const id of cases) place.cases.add(id);
    }
  }
  return places;
}

function sameTarget(one: RunTarget, other: RunTarget): boolean {
  return (
    one.description === other.description &&
    one.version === other.version &&
    [...one.features].sort().join() === [...other.features].sort().join()
  );
}

/** The first keeps its id; a number that a target of some run has as its own name is passed over. */
function freeId(id: string, number: number, taken: Set<string>): string {
  if (number === 1) return id;
  for (let next = number; ; next += 1) {
    const candidate = `${id} (${next})`;
    if (!taken.has(candidate)) {
      taken.add(candidate);
      return candidate;
    }
  }
}

function describe({ id, target, startedAt }: Place, places: readonly Place[]): RunTarget {
  if (places.filter((place) => place.target.id === target.id).length === 1) return target;
  return { ...target, id, description: `${target.description}; run of ${dateTime(startedAt)}` };
}

/** Sorted by id as a suite is, unless there is but one run. */
function mergeCases(runs: readonly [Run, ...Run[]]): readonly RunCase[] {
  if (runs.length === 1) return runs[0].cases;
  const inOrder = runs.toSorted((one, other) => Date.parse(one.startedAt) - Date.parse(other.startedAt));
  const cases = new Map(inOrder.flatMap((run) => run.cases.map((item) => [item.id, item] as const)));
  return [...cases.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}
