import type { DirectorLoad, FrameCount } from '../../conformance/harness/run.ts';
import type { Counted } from './counted.ts';

export interface Requests {
  readonly method: DirectorLoad['method'];
  readonly answerBytes: number;
  readonly requests: number;
  readonly secondsPerFrame: number | null;
}

/**
 * What one request brought upon the director. Whatever came to a server the director had sent there; what it sent beyond that went to
 * clients. A few questions for MAC addresses are among them.
 */
export function directorLoad({ requests, ...what }: Requests, counted: Counted): DirectorLoad {
  const { toServers, toClients } = forwarded(counted);
  const each = ({ frames, bytes }: FrameCount): FrameCount => ({ frames: frames / requests, bytes: bytes / requests });
  return { ...what, requests, toServers: each(toServers), toClients: each(toClients) };
}

/** The same for all requests together. */
export function forwarded({ director: { sent }, servers: { received } }: Counted): {
  readonly toServers: FrameCount;
  readonly toClients: FrameCount;
} {
  return {
    toServers: received,
    toClients: {
      frames: Math.max(0, sent.frames - received.frames),
      bytes: Math.max(0, sent.bytes - received.bytes),
    },
  };
}
