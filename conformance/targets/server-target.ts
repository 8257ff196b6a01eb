import type { ServerSetup } from '../../generators/real-server/server-setup.ts';
import type { FrameReceiver, FrameSession, Target } from './target.ts';

/**
 * A machine that this project can arrange as a real server: what is judged is the set-up on this machine. It has one port, 0, and serves as
 * `generators/real-server/service.ts` says. Not a {@link Target}: those are directors.
 */
export interface ServerTarget extends Omit<Target, 'open' | 'profile'> {
  /**
   * A clean machine, arranged and serving.
   * Rejects with UnsupportedFeature for a set-up that the machine cannot have, MalformedInput for one that it refuses.
   */
  openServer(setup: ServerSetup, receiver: FrameReceiver): Promise<FrameSession>;
}

/** What can be under test: a director, or a machine for a real server. */
export type AnyTarget = Target | ServerTarget;

export function isServerTarget(target: AnyTarget): target is ServerTarget {
  return 'openServer' in target;
}
