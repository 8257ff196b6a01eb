import type { SchedulableServer } from './scheduler.ts';

/**
 * How a kernel counts a server's connections: `classic` up to 6.1.180, `current` from 6.1.187 and in 6.12. The change
 * lies somewhere between; it also altered when a server counts as overloaded.
 */
export type Accounting = 'classic' | 'current';

/** What a server's connections weigh in lc and wlc. */
export type Overhead = (server: SchedulableServer) => number;

/** An active connection weighs 256 times an inactive one (kernel `include/net/ip_vs.h:ip_vs_dest_conn_overhead`). */
export const OVERHEAD: Readonly<Record<Accounting, Overhead>> = {
  classic: (server) => 256 * server.active + server.inactive,
  /** 256 · active + total, where the total counts the active ones once more. */
  current: (server) => 257 * server.active + server.inactive,
};
