import type { Deviation } from '../../conformance/harness/deviations.ts';
import { verdictCounts, type VerdictCounts } from '../verdict-counts.ts';
import type { Run, RunCase, RunResult, RunTarget, Verdict } from '../../conformance/harness/run.ts';
import { pageOf } from './page-of.ts';

/** What the pages show, in the order in which they show it. Holds no markup and no text of a language. */
export interface ReportData {
  readonly run: Run;
  readonly targets: readonly TargetSummary[];
  readonly areas: readonly Area[];
  /** Everything that a case needs, sorted. */
  readonly features: readonly string[];
  readonly casePages: readonly CasePage[];
}

export interface TargetSummary {
  readonly target: RunTarget;
  readonly counts: VerdictCounts;
}

/** Cases whose ids begin with the same `area/`. */
export interface Area {
  readonly name: string;
  readonly cases: readonly Row[];
}

export interface Row {
  readonly case: RunCase;
  /** Path of the case's page from the report's folder. */
  readonly page: string;
  /** One a target, in the order of the targets; null where it was not run. */
  readonly verdicts: readonly (Verdict | null)[];
  /** Indexes into the report's features. */
  readonly needs: readonly number[];
}

export interface CasePage {
  readonly case: RunCase;
  readonly page: string;
  readonly previous: Neighbour | null;
  readonly next: Neighbour | null;
  readonly outcomes: readonly Outcome[];
}

export interface Neighbour {
  readonly page: string;
  readonly title: string;
}

export interface Outcome {
  readonly target: RunTarget;
  readonly result: RunResult;
  readonly deviations: readonly { readonly id: string; readonly deviation: Deviation | null }[];
}

export function reportData(run: Run, deviations: Readonly<Record<string, Deviation>>): ReportData {
  const results = new Map<string, Map<string, RunResult>>();
  for (const result of run.results) {
    const ofCase = results.get(result.case) ?? new Map<string, RunResult>();
    results.set(result.case, ofCase.set(result.target, result));
  }
  const pages = run.cases.map(({ id }) => pageOf(id));
  const features = [...new Set(run.cases.flatMap(({ needs }) => needs))].sort();
  const indexOf = new Map(features.map((name, index) => [name, index]));
  const neighbour = (index: number): Neighbour | null => {
    const [item, path] = [run.cases[index], pages[index]];
    return item === undefined || path === undefined ? null : { page: path, title: item.title };
  };
  const areas = new Map<string, Row[]>();
  run.cases.forEach((item, index) => {
    const name = item.id.includes('/') ? item.id.slice(0, item.id.indexOf('/')) : '';
    const rows = areas.get(name) ?? [];
    areas.set(name, rows);
    rows.push({
      case: item,
      page: pages[index] ?? '',
      verdicts: run.targets.map((target) => results.get(item.id)?.get(target.id)?.verdict ?? null),
      needs: item.needs.map((name) => indexOf.get(name) ?? 0),
    });
  });
  return {
    run,
    targets: run.targets.map((target) => ({ target, counts: verdictCounts(run, target.id) })),
    areas: Array.from(areas, ([name, cases]) => ({ name, cases })),
    features,
    casePages: run.cases.map((item, index) => ({
      case: item,
      page: pages[index] ?? '',
      previous: neighbour(index - 1),
      next: neighbour(index + 1),
      outcomes: run.targets.flatMap((target) => {
        const result = results.get(item.id)?.get(target.id);
        return result === undefined ? [] : [outcome(target, result, deviations)];
      }),
    })),
  };
}

function outcome(target: RunTarget, result: RunResult, known: Readonly<Record<string, Deviation>>): Outcome {
  return {
    target,
    result,
    deviations: result.deviations.map((id) => ({
      id,
      deviation: Object.hasOwn(known, id) ? (known[id] ?? null) : null,
    })),
  };
}
