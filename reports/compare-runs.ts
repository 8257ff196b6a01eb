import type { FirstDifference, Run, RunCase, RunResult, RunTarget } from '../conformance/harness/run.ts';
import { MalformedInput } from '../reference/errors.ts';
import { countVerdicts, type VerdictCounts } from './verdict-counts.ts';

/** What changed from run A to run B. Data only: text, Markdown, JSON and pages are made from it. */
export interface Comparison {
  readonly schema: 1;
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  /** In the order of A's targets. At least one. */
  readonly targets: readonly TargetComparison[];
  /** Targets that nothing was compared with. */
  readonly onlyInA: readonly RunTarget[];
  readonly onlyInB: readonly RunTarget[];
}

export interface ComparedRun {
  /** The path that it was given by. */
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly tool: Run['tool'];
}

/** Two targets of the same id, or the only two that are left over. */
export interface TargetComparison {
  readonly a: RunTarget;
  readonly b: RunTarget;
  /** Cases that both have a result of, and the verdicts on these. */
  readonly casesInBoth: number;
  readonly counts: { readonly a: VerdictCounts; readonly b: VerdictCounts };
  /** Every case at most once; in the order of {@link CHANGE_KINDS}, then by case id. */
  readonly changes: readonly Change[];
  /** Cases that ran on both and whose captures could not be compared. */
  readonly notCompared: readonly { readonly case: string; readonly reason: string }[];
}

/**
 * From what matters most to what matters least.
 *
 * - `newly-failing`: `fail` or `error` now and neither before; also from `error` to `fail`, for then nothing was known
 * - `newly-passing`: `pass` now, anything else before
 * - `newly-deviating`: a named deviation that was not met before
 * - `other-verdict`: any other change of verdict, or a deviation less
 * - `capture-changed`: the same verdict, but other frames
 * - `reason-changed`: the same verdict and the same frames as far as they can be compared, but another reason
 * - `only-in-a`, `only-in-b`: the case has a result in one run only
 */
export const CHANGE_KINDS = [
  'newly-failing',
  'newly-passing',
  'newly-deviating',
  'other-verdict',
  'capture-changed',
  'reason-changed',
  'only-in-a',
  'only-in-b',
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** `a` is null in `only-in-b` alone, `b` in `only-in-a` alone. */
export interface Change {
  readonly kind: ChangeKind;
  /** As in B where B has it. */
  readonly case: RunCase;
  readonly a: RunResult | null;
  readonly b: RunResult | null;
  /** Where the captures part: `expected` is A's, `observed` B's. Null where they agree or were not compared. */
  readonly firstDifference: CaptureDifference | null;
}

export interface CaptureDifference extends FirstDifference {
  /** Of the frame, as the director sees it: `in` means that the hosts already sent something else. Null where the capture does not say. */
  readonly direction: 'in' | 'out' | null;
}

/** A run, and what to call it. */
export interface NamedRun {
  readonly name: string;
  readonly run: Run;
}

/** Holds the captures of two results of one case, which ran on both, against each other; a text says why that cannot be done. */
export type CompareCaptures = (a: RunResult, b: RunResult) => CaptureDifference | null | string;

/** Throws MalformedInput where the runs have no two targets that could be compared. */
export function compareRuns(a: NamedRun, b: NamedRun, compareCaptures: CompareCaptures): Comparison {
  const pairs = pairTargets(a.run.targets, b.run.targets);
  if (pairs.length === 0) {
    throw new MalformedInput(
      `${a.name} has ${idsOf(a.run)} and ${b.name} has ${idsOf(b.run)}: no target to compare; ` +
        'give two runs with a target of the same id, or with one target each',
    );
  }
  const cases = new Map([...a.run.cases, ...b.run.cases].map((item) => [item.id, item]));
  return {
    schema: 1,
    a: comparedRun(a),
    b: comparedRun(b),
    targets: pairs.map(([one, other]) => compareTargets({ a: one, b: other }, a.run, b.run, cases, compareCaptures)),
    onlyInA: a.run.targets.filter((target) => !pairs.some(([one]) => one === target)),
    onlyInB: b.run.targets.filter((target) => !pairs.some(([, other]) => other === target)),
  };
}

/** What a comparison as a gate goes by. */
export function newlyFailing({ targets }: Comparison): number {
  return targets.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'newly-failing').length;
}

type TargetPair = readonly [RunTarget, RunTarget];

/** By id; then, where one is left over on each side, these two: a kernel and its successor have different ids. */
function pairTargets(as: readonly RunTarget[], bs: readonly RunTarget[]): TargetPair[] {
  const same = as.flatMap((a): TargetPair[] => bs.filter(({ id }) => id === a.id).map((b) => [a, b]));
  const [a, ...moreOfA] = as.filter(({ id }) => !same.some(([one]) => one.id === id));
  const [b, ...moreOfB] = bs.filter(({ id }) => !same.some(([, other]) => other.id === id));
  return a === undefined || b === undefined || moreOfA.length > 0 || moreOfB.length > 0 ? same : [...same, [a, b]];
}

function idsOf({ targets }: Run): string {
  return targets.length === 0 ? 'no target' : targets.map(({ id }) => `'${id}'`).join(', ');
}

function comparedRun({ name, run: { startedAt, durationMs, tool } }: NamedRun): ComparedRun {
  return { name, startedAt, durationMs, tool };
}

function compareTargets(
  targets: { readonly a: RunTarget; readonly b: RunTarget },
  runA: Run,
  runB: Run,
  cases: ReadonlyMap<string, RunCase>,
  compareCaptures: CompareCaptures,
): TargetComparison {
  const as = resultsOf(runA, targets.a);
  const bs = resultsOf(runB, targets.b);
  const changes: Change[] = [];
  const notCompared: { case: string; reason: string }[] = [];
  const inBoth: (readonly [RunResult, RunResult])[] = [];
  for (const [id, item] of cases) {
    const [a, b] = [as.get(id) ?? null, bs.get(id) ?? null];
    if (a === null || b === null) {
      if (a !== null || b !== null) {
        changes.push({ kind: b === null ? 'only-in-a' : 'only-in-b', case: item, a, b, firstDifference: null });
      }
      continue;
    }
    inBoth.push([a, b]);
    const difference = hasRun(a) && hasRun(b) ? compareCaptures(a, b) : null;
    if (typeof difference === 'string') {
      notCompared.push({ case: id, reason: difference });
    }
    const firstDifference = typeof difference === 'string' ? null : difference;
    const kind = kindOf(a, b, firstDifference);
    if (kind !== null) {
      changes.push({ kind, case: item, a, b, firstDifference });
    }
  }
  return {
    ...targets,
    casesInBoth: inBoth.length,
    counts: { a: countVerdicts(inBoth.map(([a]) => a)), b: countVerdicts(inBoth.map(([, b]) => b)) },
    changes: changes.sort(byKindAndCase),
    notCompared,
  };
}

/** Otherwise its frames say nothing about the director. */
function hasRun({ verdict }: RunResult): boolean {
  return verdict !== 'unsupported' && verdict !== 'error';
}

function resultsOf({ results }: Run, { id }: RunTarget): ReadonlyMap<string, RunResult> {
  return new Map(results.filter(({ target }) => target === id).map((result) => [result.case, result]));
}

function kindOf(a: RunResult, b: RunResult, difference: FirstDifference | null): ChangeKind | null {
  const [before, now] = [a.verdict, b.verdict];
  if (now !== before && (now === 'fail' || (now === 'error' && before !== 'fail'))) return 'newly-failing';
  if (now === 'pass' && before !== 'pass') return 'newly-passing';
  if (now === 'deviates' && (before !== now || !b.deviations.every((id) => a.deviations.includes(id))))
    return 'newly-deviating';
  if (now !== before || a.deviations.length !== b.deviations.length) return 'other-verdict';
  if (difference !== null) return 'capture-changed';
  return a.reason === b.reason ? null : 'reason-changed';
}

function byKindAndCase(one: Change, other: Change): number {
  const kinds = CHANGE_KINDS.indexOf(one.kind) - CHANGE_KINDS.indexOf(other.kind);
  return kinds === 0 ? (one.case.id < other.case.id ? -1 : 1) : kinds;
}
