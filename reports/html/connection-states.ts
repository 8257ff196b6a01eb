import type { CapturedFrame } from '../../conformance/captures/capture.ts';
import type { Listing } from '../../conformance/harness/run.ts';
import { DIRECTION, nextState, type Direction } from '../../reference/connections/state-machine.ts';
import {
  compileTcpTables,
  TCP_EVENT,
  TCP_STATE,
  TCP_STATE_NAMES,
  tcpEvent,
  type TcpState,
} from '../../reference/connections/tcp-states.ts';
import { TCP_TABLES, type TcpProfile } from '../../reference/connections/tcp-tables.ts';
import { Timeouts } from '../../reference/connections/timeouts.ts';
import { forwardedSegments } from './forwarded-segments.ts';

export type SegmentEvent = keyof typeof TCP_EVENT;

/** What one segment did to its connection. */
export interface StateStep {
  /** Index of the segment in the capture, as it came to the director. */
  readonly frame: number;
  /** The client's `address:port`. */
  readonly client: string;
  readonly direction: Direction;
  readonly event: SegmentEvent;
  readonly before: TcpState;
  readonly after: TcpState;
  /** Whether `before` and `after` are the director's own word; otherwise they follow from the reference's tables. */
  readonly beforeSeen: boolean;
  readonly afterSeen: boolean;
}

interface Connection {
  state: TcpState;
  /** Nanoseconds. */
  deadline: bigint;
  seen: boolean;
  step: Writable<StateStep> | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const EVENTS: readonly SegmentEvent[] = ['SYN', 'FIN', 'ACK', 'RST', 'NOTHING'];
const compiled = { linux: compileTcpTables(TCP_TABLES.linux), paper: compileTcpTables(TCP_TABLES.paper) };

/**
 * The TCP states that a case led through: every forwarded segment, by the profile's tables, put right by what the director listed itself.
 * Timeouts that a case set are not known here: a connection is then taken for gone too late or too early unless a listing tells.
 */
export function connectionStates(
  frames: readonly CapturedFrame[],
  listings: readonly Listing[],
  profile: TcpProfile,
): readonly StateStep[] {
  const timeouts = new Timeouts(profile);
  const connections = new Map<string, Connection>();
  const listed = new Map<string, TcpState>();
  const steps: StateStep[] = [];
  let heard = 0;
  const hear = (frame: number): void => {
    for (let listing = listings[heard]; listing !== undefined && listing.frames <= frame; listing = listings[heard]) {
      takeWord(connections, listed, listing);
      heard += 1;
    }
  };
  for (const { frame, time, client, virtual, direction, flags } of forwardedSegments(frames)) {
    hear(frame);
    const key = `${client} ${virtual}`;
    const known = connections.get(key);
    const isKnown = known !== undefined && (time < known.deadline || known.seen);
    const before = isKnown ? known.state : 'NONE';
    const event = EVENTS[tcpEvent(flags)] ?? 'NOTHING';
    const next = nextState(compiled[profile], DIRECTION[direction], TCP_EVENT[event], TCP_STATE[before]);
    const after = TCP_STATE_NAMES[next] ?? 'NONE';
    const beforeSeen = isKnown && known.seen;
    const step = { frame, client, direction, event, before, after, beforeSeen, afterSeen: false };
    steps.push(step);
    const deadline = time + BigInt(Math.round(timeouts.tcp(next) * 1e9));
    connections.set(key, { state: after, deadline, seen: false, step });
  }
  hear(frames.length);
  return steps;
}

/** `listed` is what the director's listing showed so far; a connection without news is still as it was told. */
function takeWord(connections: Map<string, Connection>, listed: Map<string, TcpState>, { news }: Listing): void {
  for (const { protocol, client, virtual, state } of news) {
    const key = `${client} ${virtual}`;
    const name = TCP_STATE_NAMES.find((candidate) => candidate === state);
    if (protocol !== 'TCP') {
      continue;
    }
    if (name === undefined) {
      listed.delete(key);
      connections.delete(key);
    } else {
      listed.set(key, name);
    }
  }
  for (const [key, state] of listed) {
    const { step, deadline } = connections.get(key) ?? { step: undefined, deadline: 0n };
    connections.set(key, { state, deadline, seen: true, step });
    if (step !== undefined) {
      step.after = state;
      step.afterSeen = true;
    }
  }
}
