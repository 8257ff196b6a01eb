import type { FlowSummary } from './flow-summary.ts';
import { groupBy } from './group-by.ts';

/** Flows of one kind that are to be compared with each other. */
export interface FlowGroup {
  readonly kind: string;
  /** In pairs, by order; of several that went at once, by what is the same about them. */
  readonly pairs: readonly (readonly [FlowSummary, FlowSummary])[];
  /** What one side has more of. */
  readonly left: readonly FlowSummary[];
  readonly right: readonly FlowSummary[];
}

/** Flows that begin so closely together while the one before is open began in an order that is chance. */
const AT_ONCE_NS = 250_000_000n;

/** Pairs the flows of two runs by client and virtual port, in order. */
export function pairFlows(left: readonly FlowSummary[], right: readonly FlowSummary[]): FlowGroup[] {
  const [ones, others] = [groupBy(left, kindOf), groupBy(right, kindOf)];
  return [...new Set([...ones.keys(), ...others.keys()])].map((kind) =>
    groupOf(kind, ones.get(kind) ?? [], others.get(kind) ?? []),
  );
}

const kindOf = ({ kind }: FlowSummary): string => kind;

/** Whether a flow began while another that began just before was open, so that either could have been the first. */
export function isAtOnce(flow: FlowSummary, before: FlowSummary | undefined): boolean {
  return before !== undefined && flow.begin < before.end && flow.begin - before.begin < AT_ONCE_NS;
}

function groupOf(kind: string, left: readonly FlowSummary[], right: readonly FlowSummary[]): FlowGroup {
  const pairs: (readonly [FlowSummary, FlowSummary])[] = [];
  const [count, most] = [Math.min(left.length, right.length), Math.max(left.length, right.length)];
  if (count !== most) {
    const { pairs: alike, left: lefts, right: rights } = pairAlike(left, right);
    return { kind, pairs: alike, left: lefts, right: rights };
  }
  for (let from = 0; from < count;) {
    let to = from + 1;
    while (to < count && [left, right].some((side) => startsAtOnce(side, to))) to += 1;
    const { pairs: alike, left: lefts, right: rights } = pairAlike(left.slice(from, to), right.slice(from, to));
    pairs.push(...alike);
    for (const [index, one] of lefts.entries()) {
      const other = rights[index];
      if (other !== undefined) pairs.push([one, other]);
    }
    from = to;
  }
  return { kind, pairs, left: [], right: [] };
}

function startsAtOnce(flows: readonly FlowSummary[], at: number): boolean {
  const flow = flows[at];
  return flow !== undefined && isAtOnce(flow, flows[at - 1]);
}

/** Pairs those that were treated the same, and gives back the rest of both sides. */
function pairAlike(left: readonly FlowSummary[], right: readonly FlowSummary[]): Omit<FlowGroup, 'kind'> {
  const waiting = groupBy(right, likeness);
  const pairs: [FlowSummary, FlowSummary][] = [];
  const rest: FlowSummary[] = [];
  for (const one of left) {
    const other = waiting.get(likeness(one))?.shift();
    if (other === undefined) rest.push(one);
    else pairs.push([one, other]);
  }
  const others = new Set([...waiting.values()].flat());
  return { pairs, left: rest, right: right.filter((flow) => others.has(flow)) };
}

/** Of two that say the same nothing that is compared differs, but for the server. */
export function likeness({ ways, paths, own }: FlowSummary): string {
  const told = [...new Set([...ways.map(({ side, text }) => `${side} ${text}`), ...own])].sort();
  return [...told, paths.client, paths.server].join('\n');
}
