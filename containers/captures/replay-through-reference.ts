import type { Capture, CapturedFrame } from '../../conformance/captures/capture.ts';
import { compareFrames } from '../../conformance/captures/compare-captures.ts';
import { differingFrames } from '../../conformance/captures/differing-frames.ts';
import { TOLERATED_DIFFERENCES } from '../../conformance/captures/tolerated-differences.ts';
import type { FirstDifference } from '../../conformance/harness/run.ts';
import { Director } from '../../reference/director.ts';
import type { Environment } from '../../reference/environment.ts';
import type { Profile } from '../../reference/profile.ts';
import type { Topology } from '../topologies/topology.ts';
import { Neighbourhood } from './answer-neighbour.ts';
import { byFlow } from './by-flow.ts';
import { lostPackets } from './lost-packets.ts';

export interface ReplayOptions {
  readonly topology: Topology;
  /** That of the recorded director. */
  readonly environment: Environment;
  /** That it is held to. */
  readonly profile: Profile;
  /** Commands of the ipvsadm language, as they were before the first frame. Where they were changed in between, no replay knows. */
  readonly rules: readonly string[];
}

export interface Replay {
  /** Frames that were put in. */
  readonly stimulus: number;
  /** Frames that came out of either, and those of them that differ. */
  readonly compared: number;
  readonly differing: number;
  /** Frames that the recorded director lost, as any may under load (see `lostPackets`); the reference does not get them either. */
  readonly lost: number;
  /** `left` is a frame of {@link replayed}, what the reference sends; `right` one of the recording. */
  readonly firstDifference: FirstDifference | null;
  /** What the reference sent. */
  readonly replayed: Capture;
}

/**
 * Puts the frames that went into a recorded director, at their times, into the reference, and compares frame by frame what comes out. The ends
 * are the same, so nothing is free but what a director may choose ({@link TOLERATED_DIFFERENCES}: above all IP ids of its own, and when it asks
 * for MAC addresses). Frames are compared in order within each flow and interface: how flows lie between each other is a matter of
 * which of its interfaces a director looked at first.
 */
export function replayThroughReference(recording: Capture, options: ReplayOptions): Replay {
  const { environment, topology } = options;
  const ports = new Map(environment.ports.map(({ name }, port) => [`director/${name}`, port]));
  const portOf = ({ interface: index }: CapturedFrame): number | undefined =>
    ports.get(recording.interfaces[index]?.name ?? '');
  const lost = lostPackets(recording, topology);
  const stimulus = recording.frames.flatMap((frame, index) => {
    const port = frame.direction === 'in' && !lost.has(index) ? portOf(frame) : undefined;
    return port === undefined ? [] : [{ port, frame }];
  });
  const recorded = recording.frames.flatMap((frame, index) => {
    const port = frame.direction === 'out' ? portOf(frame) : undefined;
    return port === undefined ? [] : [{ index, frame: { ...frame, interface: port } }];
  });
  const replayed: Capture = {
    interfaces: environment.ports.map(({ name }) => ({ name: `director/${name}`, snaplen: 0 })),
    frames: replay(stimulus, recording, options),
  };
  const sent = recorded.map(({ frame }) => frame);
  const [left, right] = byFlow(replayed, { interfaces: replayed.interfaces, frames: sent });
  const { compared, differing } = differingFrames(left, right, TOLERATED_DIFFERENCES);
  const first = differing.length === 0 ? null : compareFrames(left, right);
  return {
    stimulus: stimulus.length,
    compared,
    differing: differing.length,
    lost: lost.size,
    firstDifference: first && { ...first, right: first.right === null ? null : (recorded[first.right]?.index ?? null) },
    replayed,
  };
}

interface Stimulus {
  readonly port: number;
  readonly frame: CapturedFrame;
}

function replay(
  stimulus: readonly Stimulus[],
  recording: Capture,
  { topology, environment, profile, rules }: ReplayOptions,
): CapturedFrame[] {
  const neighbourhood = new Neighbourhood(topology, recording);
  const answers: CapturedFrame[] = [];
  const begin = stimulus[0]?.frame.timeNs ?? 0n;
  let timeNs = begin;
  const director = new Director({
    environment,
    profile,
    transmit: (port, frame) => {
      const answer = neighbourhood.answerTo(frame);
      if (answer !== undefined) director.receive(port, answer);
      else
        answers.push({ timeNs, interface: port, direction: 'out', bytes: frame.slice(), originalLength: frame.length });
    },
  });
  for (const rule of rules) director.administer(rule);
  for (const { port, frame } of stimulus) {
    timeNs = frame.timeNs;
    const elapsed = Number(timeNs - begin) / 1e6 - director.now;
    // A timer that is not due for longer than that need not be looked at before each frame.
    if (elapsed >= 1) director.advance(elapsed);
    director.receive(port, frame.bytes);
  }
  return answers;
}
