import {
  CHANGE_KINDS,
  type CaptureDifference,
  type Change,
  type ChangeKind,
  type TargetComparison,
} from './compare-runs.ts';

/** What changed in one way, by area, for text and Markdown alike. */
export interface Section {
  readonly kind: ChangeKind;
  /** `2 newly failing`. */
  readonly heading: string;
  readonly count: number;
  readonly areas: ReadonlyMap<string, readonly Group[]>;
  /** Changes of this kind that are left out. */
  readonly more: number;
}

/** Cases of one area with the same to say of each. */
export interface Group {
  /** `pass → fail`; one verdict where it is the same or the cases are in one run only. */
  readonly verdicts: string;
  readonly cases: readonly string[];
  /** What there is to know beside the verdicts, a line each: the reason, and where the captures part. */
  readonly details: readonly string[];
}

/** The sections that are not empty, each with at most `most` changes; of what newly fails at most `mostFailing`. */
export function sectionsOf({ changes }: TargetComparison, most: number, mostFailing = most): readonly Section[] {
  return CHANGE_KINDS.flatMap((kind) => {
    const all = changes.filter((change) => change.kind === kind);
    const shown = all.slice(0, kind === 'newly-failing' ? mostFailing : most);
    return all.length === 0
      ? []
      : [
          {
            kind,
            heading: headings[kind](all.length),
            count: all.length,
            areas: areasOf(shown),
            more: all.length - shown.length,
          },
        ];
  });
}

function areasOf(changes: readonly Change[]): ReadonlyMap<string, readonly Group[]> {
  const areas = new Map<string, Map<string, Group>>();
  for (const change of changes) {
    const area = change.case.id.split('/', 1).join('');
    const groups = areas.get(area) ?? new Map<string, Group>();
    areas.set(area, groups);
    const said = { verdicts: verdictsOf(change), details: detailsOf(change) };
    const key = JSON.stringify(said);
    groups.set(key, { ...said, cases: [...(groups.get(key)?.cases ?? []), change.case.id] });
  }
  return new Map([...areas].map(([area, groups]) => [area, [...groups.values()]]));
}

const headings: Readonly<Record<ChangeKind, (count: number) => string>> = {
  'newly-failing': (count) => `${count} newly failing`,
  'newly-passing': (count) => `${count} newly passing`,
  'newly-deviating': (count) => `${count} newly deviating`,
  'other-verdict': (count) => `${count} other ${count === 1 ? 'change' : 'changes'} of verdict`,
  'capture-changed': (count) => `${count} ${count === 1 ? 'capture' : 'captures'} changed, verdict the same`,
  'reason-changed': (count) => `${count} ${count === 1 ? 'reason' : 'reasons'} changed, verdict the same`,
  'only-in-a': (count) => `${count} only in A`,
  'only-in-b': (count) => `${count} only in B`,
};

function verdictsOf({ a, b }: Change): string {
  const [before, now] = [a?.verdict, b?.verdict];
  return before === undefined || now === undefined || before === now ? (now ?? before ?? '') : `${before} → ${now}`;
}

function detailsOf({ kind, a, b, firstDifference }: Change): readonly string[] {
  const captures = firstDifference === null ? [] : [describe(firstDifference)];
  switch (kind) {
    case 'capture-changed':
    case 'only-in-a':
      return captures;
    case 'reason-changed':
      return firstDifferentLines(a?.reason ?? '', b?.reason ?? '');
    default:
      return [...(b?.reason ?? '').split('\n', 1).filter((line) => line !== ''), ...captures];
  }
}

function describe(difference: CaptureDifference): string {
  const { left, right, layer, field, offset, expected, observed, direction } = difference;
  const place = [
    right === null
      ? `frame ${(left ?? 0) + 1} of A`
      : left === null
        ? `frame ${right + 1} of B`
        : left === right
          ? `frame ${right + 1}`
          : `frame ${left + 1} of A and ${right + 1} of B`,
    ...(direction === null ? [] : [direction === 'in' ? 'from the hosts' : 'from the director']),
    ...(layer === undefined || field === undefined ? [] : [`${layer}.${field}`]),
    ...(offset === undefined ? [] : [`byte ${offset}`]),
  ].join(', ');
  return `${place}: A ${expected}, B ${observed}`;
}

function firstDifferentLines(a: string, b: string): string[] {
  const [as, bs] = [a.split('\n'), b.split('\n')];
  const at = bs.findIndex((line, index) => line !== as[index]);
  const index = at === -1 ? bs.length : at;
  return [`A: ${as[index]?.trim() ?? 'nothing more'}`, `B: ${bs[index]?.trim() ?? 'nothing more'}`];
}
