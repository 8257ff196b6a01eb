import type { Check, Run } from '../../conformance/harness/run.ts';
import { pageOf } from './page-of.ts';

/** How many connections each server got in a case, over all rounds that it counted, beside how many it should. */
export interface Shares {
  readonly title: string;
  readonly page: string;
  readonly ideal: readonly number[];
  readonly observed: readonly { readonly target: string; readonly counts: readonly number[] }[];
}

/** How long a connection lived in a case. Seconds: it was known after the first and unknown after the second. */
export interface Lifetime {
  readonly title: string;
  readonly page: string;
  readonly stated: Interval;
  readonly observed: readonly { readonly target: string; readonly interval: Interval }[];
}

export type Interval = readonly [known: number, unknown: number];

/** Checks of these names are what the cases of scheduling and of timeouts call their measurements. */
const SHARES = /^share of each server/;
const LIFETIME = /^whether a connection is known ([\d., ]+) seconds after its last packet$/;

export function sharesOf(run: Run): readonly Shares[] {
  return run.cases.flatMap(({ id, title }) => {
    const measured = measurementsOf(run, id, (checks) => {
      const counted = checks.filter(({ what }) => SHARES.test(what));
      const [ideal, counts] = [sum(counted.map((check) => check.required)), sum(counted.map((check) => check.actual))];
      return ideal === undefined || counts === undefined ? undefined : { ideal, counts };
    });
    const [first] = measured;
    const observed = measured.map(({ target, value }) => ({ target, counts: value.counts }));
    return first === undefined ? [] : [{ title, page: pageOf(id), ideal: first.value.ideal, observed }];
  });
}

export function lifetimesOf(run: Run): readonly Lifetime[] {
  return run.cases.flatMap(({ id, title }) => {
    const measured = measurementsOf(run, id, (checks) => {
      const check = checks.find(({ what }) => LIFETIME.test(what));
      const instants =
        LIFETIME.exec(check?.what ?? '')?.[1]
          ?.split(',')
          .map(Number) ?? [];
      const [stated, interval] = [bracket(instants, check?.required), bracket(instants, check?.actual)];
      return stated === undefined || interval === undefined ? undefined : { stated, interval };
    });
    const [first] = measured;
    const observed = measured.map(({ target, value }) => ({ target, interval: value.interval }));
    return first === undefined ? [] : [{ title, page: pageOf(id), stated: first.value.stated, observed }];
  });
}

function measurementsOf<T>(
  { results }: Run,
  id: string,
  measure: (checks: readonly Check[]) => T | undefined,
): readonly { readonly target: string; readonly value: T }[] {
  return results.flatMap((result) => {
    const value = result.case === id ? measure(result.checks ?? []) : undefined;
    return value === undefined ? [] : [{ target: result.target, value }];
  });
}

/** Server by server; undefined where there is nothing to add or a list is none of counts. */
function sum(lists: readonly string[]): readonly number[] | undefined {
  const numbers = lists.map((text) => listOf(text, (item) => typeof item === 'number' && item >= 0).map(Number));
  const servers = Math.max(0, ...numbers.map(({ length }) => length));
  return servers === 0 || numbers.some(({ length }) => length === 0)
    ? undefined
    : Array.from({ length: servers }, (_, index) => numbers.reduce((total, list) => total + (list[index] ?? 0), 0));
}

function bracket(instants: readonly number[], text: string | undefined): Interval | undefined {
  const known = listOf(text ?? '', (item) => typeof item === 'boolean');
  const end = known.indexOf(false);
  const [last, first] = [instants[end - 1], instants[end]];
  return last === undefined || first === undefined ? undefined : [last, first];
}

/** Empty where the text is no list, or has an item of another kind. */
function listOf(text: string, isRight: (item: unknown) => boolean): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(isRight) ? value : [];
  } catch {
    return [];
  }
}
