import type { Capture } from '../../conformance/captures/capture.ts';
import type { FirstDifference } from '../../conformance/harness/run.ts';
import type { Topology } from '../topologies/topology.ts';
import { firstFrame, hasWay, pairDifferences, type Difference } from './flow-differences.ts';
import { summaries, type FlowSummary } from './flow-summary.ts';
import { forwardingOf } from './forwarding.ts';
import { Names } from './names.ts';
import { pairFlows, type FlowGroup } from './pair-flows.ts';
import { ServerChoices } from './server-choices.ts';

/** What two directors did with the same case. */
export interface ForwardingComparison {
  readonly firstDifference: FirstDifference | null;
  /** For readers: which flows there were, where they went and how, what differs, what cannot be decided. */
  readonly lines: readonly string[];
}

export interface ForwardingComparisonOptions {
  /** Ids of the two targets. */
  readonly labels: readonly [left: string, right: string];
}

/**
 * Compares two merged captures of the same case, run with two directors, after leaving out what endpoints choose freely: ports, numbers,
 * times, how often something is said. What is compared: which flows there were, which server each went to, by which way, how each of its
 * packets was changed, and what the director said by itself.
 */
export function compareForwarding(
  left: Capture,
  right: Capture,
  topology: Topology,
  { labels }: ForwardingComparisonOptions,
): ForwardingComparison {
  const names = new Names(topology);
  const ones = summaries(forwardingOf(left, topology), names);
  const others = summaries(forwardingOf(right, topology), names);
  const choices = new ServerChoices(ones, others);
  const groups = pairFlows(ones, others);
  const told = groups.map((group) => compareGroup(group, choices, labels));
  const differences = told.flatMap((group) => group.differences);
  const [first] = differences.toSorted((one, other) => placeOf(one) - placeOf(other));
  return {
    firstDifference: first === undefined ? null : { frame: placeOf(first), ...first.difference },
    lines: [...told.flatMap(({ lines }) => lines), ...differences.map(({ line }) => line)],
  };
}

/** The index of its frame in the left capture; in the right one, where the left has none. */
function placeOf({ difference: { left, right } }: Difference): number {
  return left ?? right ?? 0;
}

function compareGroup(
  group: FlowGroup,
  choices: ServerChoices,
  labels: readonly [string, string],
): { readonly lines: string[]; readonly differences: Difference[] } {
  const { kind, pairs, left, right } = group;
  const lines: string[] = [];
  const counts = [pairs.length + left.length, pairs.length + right.length] as const;
  const [one, other] = counts;
  lines.push(`${kind}: ${one === other ? flows(one) : `${flows(one)} on ${labels[0]}, ${other} on ${labels[1]}`}`);
  lines.push(...waysTold(group), ...serversTold(group, choices, labels));
  const differences = pairs.flatMap((pair, index) => {
    const isDecidable = one === other && choices.isDecidable(...pair);
    return pairDifferences(`${kind}, flow ${index + 1}`, pair, isDecidable);
  });
  differences.push(...extras(group, labels));
  return { lines, differences };
}

function flows(count: number): string {
  return `${count} flow${count === 1 ? '' : 's'}`;
}

/** How packets were forwarded, each way once. */
function waysTold({ pairs, left, right }: FlowGroup): string[] {
  const all = [...pairs.map(([one]) => one), ...left, ...right];
  return [...new Set(all.flatMap(({ ways }) => ways.map(({ side, text }) => `  from the ${side}: ${text}`)))];
}

function serversTold({ pairs }: FlowGroup, choices: ServerChoices, labels: readonly [string, string]): string[] {
  if (pairs.length === 0) return [];
  const [ones, others] = [pairs.map(([one]) => one.server), pairs.map(([, other]) => other.server)];
  const lines =
    ones.join() === others.join()
      ? [`  to ${shortened(ones)} on both`]
      : [`  to ${shortened(ones)} on ${labels[0]}`, `  to ${shortened(others)} on ${labels[1]}`];
  const undecidable = pairs.filter(([one, other]) => one.server !== other.server && !choices.isDecidable(one, other));
  if (undecidable.length > 0) {
    lines.push(
      `  which server was right is not decidable for ${flows(undecidable.length)}: others began at once, or the loads before differ`,
    );
  }
  return lines;
}

function shortened(servers: readonly string[]): string {
  const most = 12;
  return servers.length <= most ? servers.join(', ') : `${servers.slice(0, most).join(', ')}, … (${servers.length})`;
}

/** Flows that one side has more of: how often a client tries is its own choice, so only those count that went as none of the other side's. */
function extras({ kind, pairs, left, right }: FlowGroup, labels: readonly [string, string]): Difference[] {
  const unlike = (flow: FlowSummary, others: readonly FlowSummary[]): boolean =>
    !others.some(
      (other) => flow.ways.every((way) => hasWay(other, way)) && flow.own.every((text) => other.own.includes(text)),
    );
  const [ones, others] = [
    [...pairs.map(([one]) => one), ...left],
    [...pairs.map(([, other]) => other), ...right],
  ];
  const only = (flow: FlowSummary, label: string, isLeft: boolean): Difference => {
    const text = [...flow.ways.map((way) => way.text), ...flow.own].join('; ') || 'not forwarded';
    const frame = firstFrame(flow);
    return {
      line: `${kind}: only on ${label}: ${text}`,
      difference: isLeft
        ? { left: frame, right: null, expected: `${kind}: ${text}`, observed: 'no such flow' }
        : { left: null, right: frame, expected: 'no such flow', observed: `${kind}: ${text}` },
    };
  };
  return [
    ...left.filter((flow) => unlike(flow, others)).map((flow) => only(flow, labels[0], true)),
    ...right.filter((flow) => unlike(flow, ones)).map((flow) => only(flow, labels[1], false)),
  ];
}
