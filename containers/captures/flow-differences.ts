import type { FirstDifference } from '../../conformance/harness/run.ts';
import type { Change } from './changes.ts';
import { nameless, type FlowSummary, type SummaryWay } from './flow-summary.ts';

/** A difference between flows of two captures, for readers and for a report. */
export interface Difference {
  readonly line: string;
  readonly difference: Omit<FirstDifference, 'frame'>;
}

/** What differs between two flows that belong together. `place` names them; which server each went to counts only where it was decidable. */
export function pairDifferences(
  place: string,
  [one, other]: readonly [FlowSummary, FlowSummary],
  isServerDecidable: boolean,
): Difference[] {
  const found: Difference[] = [];
  const [left, right] = [firstFrame(one), firstFrame(other)];
  const differ = (what: string, expected: string, observed: string): void => {
    const told = { left, right, expected: `${what} ${expected}`, observed: `${what} ${observed}` };
    found.push({ line: `${place}: ${what}: ${expected} against ${observed}`, difference: told });
  };
  if (one.server !== other.server && isServerDecidable) {
    differ('to', one.server, other.server);
  }
  found.push(...wayDifferences(place, one, other));
  for (const side of ['client', 'server'] as const) {
    if (one.paths[side] !== other.paths[side])
      differ(`way of the ${side}'s packets`, one.paths[side], other.paths[side]);
  }
  const [own, others] = [
    one.own.filter((text) => !other.own.includes(text)),
    other.own.filter((text) => !one.own.includes(text)),
  ];
  if (own.length + others.length > 0)
    differ('the director', own.join(', ') || 'nothing of its own', others.join(', ') || 'nothing of its own');
  return found;
}

/** Its index. */
export function firstFrame({ forwarding }: FlowSummary): number {
  return forwarding.flow.packets[0]?.index ?? 0;
}

/** Ways that only one of the two flows has, each beside what the other has in its place. */
function wayDifferences(place: string, one: FlowSummary, other: FlowSummary): Difference[] {
  return (['client', 'server'] as const).flatMap((side) => {
    const lefts = one.ways.filter((way) => way.side === side && !hasWay(other, way));
    const rights = other.ways.filter((way) => way.side === side && !hasWay(one, way));
    return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) =>
      wayDifference(place, side, lefts[index], rights[index], one, other),
    );
  });
}

export function hasWay({ ways }: FlowSummary, { side, text }: SummaryWay): boolean {
  return ways.some((way) => way.side === side && way.text === text);
}

function wayDifference(
  place: string,
  side: string,
  left: SummaryWay | undefined,
  right: SummaryWay | undefined,
  one: FlowSummary,
  other: FlowSummary,
): Difference {
  const line = `${place}: from the ${side}: ${left?.text ?? 'nothing like it'} against ${right?.text ?? 'nothing like it'}`;
  const at = { left: left?.way.after ?? null, right: right?.way.after ?? null };
  if (left === undefined || right === undefined) {
    return {
      line,
      difference: { ...at, expected: left?.text ?? 'no such packet', observed: right?.text ?? 'no such packet' },
    };
  }
  const [ones, others] = [compared(left, one), compared(right, other)];
  const change = ones.find(({ text }) => !others.some((each) => each.text === text));
  const change2 = others.find(({ text }) => !ones.some((each) => each.text === text));
  const told = change ?? change2;
  const counterpart = (changes: readonly Change[]): string =>
    changes.find(({ layer, field }) => layer === told?.layer && field === told.field)?.text ?? 'unchanged';
  return {
    line,
    difference: {
      ...at,
      ...(told !== undefined && { layer: told.layer, field: told.field, offset: told.offset }),
      expected: counterpart(ones),
      observed: counterpart(others),
    },
  };
}

/** The changes of a way that are not free, without the server's name. */
function compared({ way }: SummaryWay, { forwarding: { flow } }: FlowSummary): Change[] {
  return way.changes
    .filter(({ isFree }) => isFree !== true)
    .map((change) => ({ ...change, text: nameless(change.text, flow.servers) }));
}
