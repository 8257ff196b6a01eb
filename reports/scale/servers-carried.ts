import type { DirectorLoad } from '../../conformance/harness/run.ts';

/** What a director and its servers are taken to be. */
export interface Assumptions {
  /** Processor time of the director. */
  readonly secondsPerFrame: number;
  /** What its link carries in each direction at once. */
  readonly linkBytesPerSecond: number;
  /** Answers that one server sends. */
  readonly serverBytesPerSecond: number;
}

export interface Carried {
  readonly servers: number;
  /** What is used up first. */
  readonly limit: 'processor' | 'link';
}

/**
 * The estimate of the LVS project for VS/NAT: 60 µs a packet of 536 bytes on a Pentium are 8.93 MB a second, enough for 22 servers that send
 * 400 kB a second each (VS/NAT documentation, with the figures of the papers). The link is the usual one of that time.
 */
export const PAPER: Assumptions = {
  secondsPerFrame: 60e-6,
  linkBytesPerSecond: 100e6 / 8,
  serverBytesPerSecond: 400_000,
};

/** What the papers claim (P9). */
export const PAPER_SERVERS = { nat: '10–20', tunnel: '100', 'direct-route': '100' } as const;

/**
 * How many real servers one director carries: as many as it takes until its processor or its link has no second left.
 *
 * Taken for granted: a frame costs the same whatever its size, direction and method, and however many connections there are; one processor
 * works; a server answers nothing but requests like these, one after the other at full rate; the link is full duplex, so its busier direction
 * counts. Beyond that the director is the bottleneck (P20).
 */
export function serversCarried(
  { answerBytes, toServers, toClients }: Pick<DirectorLoad, 'answerBytes' | 'toServers' | 'toClients'>,
  { secondsPerFrame, linkBytesPerSecond, serverBytesPerSecond }: Assumptions,
): Carried {
  const requestsOfServer = serverBytesPerSecond / answerBytes;
  const byProcessor = 1 / (secondsPerFrame * (toServers.frames + toClients.frames)) / requestsOfServer;
  const byLink = linkBytesPerSecond / Math.max(toServers.bytes, toClients.bytes) / requestsOfServer;
  return byLink < byProcessor ? { servers: byLink, limit: 'link' } : { servers: byProcessor, limit: 'processor' };
}
