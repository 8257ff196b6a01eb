import type { RunTarget } from '../../conformance/harness/run.ts';
import type { Direction } from '../../reference/connections/state-machine.ts';
import { TCP_EVENT, TCP_STATE, TCP_STATE_NAMES, type TcpState } from '../../reference/connections/tcp-states.ts';
import { TCP_TABLES } from '../../reference/connections/tcp-tables.ts';
import type { SegmentEvent, StateStep } from './connection-states.ts';

/** The steps of one case on one target. */
export interface CaseSteps {
  readonly case: string;
  readonly page: string;
  readonly target: string;
  readonly steps: readonly StateStep[];
}

/** One direction of the state machine, as the kernel has it, with what the cases made of it. */
export interface CoverageTable {
  readonly direction: Direction;
  readonly rows: readonly { readonly event: SegmentEvent; readonly cells: readonly CoverageCell[] }[];
}

export interface CoverageCell {
  readonly before: TcpState;
  /** By `ip_vs_proto_tcp.c:tcp_states`. */
  readonly next: TcpState;
  /** Cases that sent this segment to a connection in this state, by id, with their pages. */
  readonly cases: ReadonlyMap<string, string>;
  /** By target: the states that its own listing showed next. Empty where no case asked. */
  readonly seen: ReadonlyMap<string, ReadonlySet<TcpState>>;
  /** Whether two targets, or a target and the table, have different states next. */
  readonly differs: boolean;
}

const DIRECTIONS: readonly Direction[] = ['input', 'output', 'inputOnly'];
const EVENTS = Object.keys(TCP_EVENT) as readonly SegmentEvent[];

interface Building {
  readonly cases: Map<string, string>;
  readonly seen: Map<string, Set<TcpState>>;
}

export function stateCoverage(all: readonly CaseSteps[], targets: readonly RunTarget[]): readonly CoverageTable[] {
  const cells = new Map<string, Building>();
  for (const { case: id, page, target, steps } of all) {
    for (const step of steps) {
      const key = `${step.direction} ${step.event} ${step.before}`;
      const cell = cells.get(key) ?? { cases: new Map<string, string>(), seen: new Map<string, Set<TcpState>>() };
      cells.set(key, cell);
      cell.cases.set(id, page);
      // Where the state before is only worked out, the state after says nothing about this cell.
      if (step.afterSeen && (step.beforeSeen || step.before === 'NONE')) {
        cell.seen.set(target, (cell.seen.get(target) ?? new Set()).add(step.after));
      }
    }
  }
  const empty: Building = { cases: new Map(), seen: new Map() };
  return DIRECTIONS.map((direction) => ({
    direction,
    rows: EVENTS.map((event) => ({
      event,
      cells: TCP_STATE_NAMES.map((before): CoverageCell => {
        const { cases, seen } = cells.get(`${direction} ${event} ${before}`) ?? empty;
        const next = nextByKernel(direction, event, before);
        const told = targets.flatMap(({ id }) => [...(seen.get(id) ?? [])]);
        return { before, next, cases, seen, differs: told.some((state) => state !== next) };
      }),
    })),
  }));
}

function nextByKernel(direction: Direction, event: SegmentEvent, before: TcpState): TcpState {
  // A segment with none of the four flags closes the connection whatever its state (ip_vs_proto_tcp.c:set_tcp_state).
  const next = event === 'NOTHING' ? TCP_STATE.CLOSE : TCP_TABLES.linux[direction][event][TCP_STATE[before]];
  return TCP_STATE_NAMES[next];
}
