import type { FlowSummary } from './flow-summary.ts';
import { groupBy } from './group-by.ts';
import { isAtOnce } from './pair-flows.ts';

/**
 * Whether two directors had to choose the same server for a flow: only where they had the same to choose by. Not so for flows that began at
 * once, in an order that is chance; nor where the flows before it, or those still open, lie on other servers than on the other side.
 */
export class ServerChoices {
  readonly #left: ReadonlyMap<FlowSummary, Standing>;
  readonly #right: ReadonlyMap<FlowSummary, Standing>;

  constructor(left: readonly FlowSummary[], right: readonly FlowSummary[]) {
    this.#left = standings(left);
    this.#right = standings(right);
  }

  isDecidable(one: FlowSummary, other: FlowSummary): boolean {
    const [left, right] = [this.#left.get(one), this.#right.get(other)];
    // The server of a data connection is told beside that of its control connection.
    if (left === undefined || right === undefined) return true;
    return !left.isAtOnce && !right.isAtOnce && left.load === right.load;
  }
}

/** What a scheduler could know when a flow came. */
interface Standing {
  readonly isAtOnce: boolean;
  /** How many flows each server had had, and how many of these were open. */
  readonly load: string;
}

function standings(flows: readonly FlowSummary[]): Map<FlowSummary, Standing> {
  const found = new Map<FlowSummary, Standing>();
  const scheduled = flows.filter(({ service }) => service !== undefined);
  for (const group of groupBy(scheduled, ({ service }) => service ?? '').values()) {
    const taken = new Map<string, number>();
    let open: FlowSummary[] = [];
    for (const [index, flow] of group.entries()) {
      open = open.filter(({ end }) => end > flow.begin);
      const load = [...taken].sort().map(([server, count]) => {
        return `${server} ${count} ${open.filter((other) => other.server === server).length}`;
      });
      const next = group[index + 1];
      const atOnce = isAtOnce(flow, group[index - 1]) || (next !== undefined && isAtOnce(next, flow));
      found.set(flow, { isAtOnce: atOnce, load: load.join(', ') });
      taken.set(flow.server, (taken.get(flow.server) ?? 0) + 1);
      open.push(flow);
    }
  }
  return found;
}
