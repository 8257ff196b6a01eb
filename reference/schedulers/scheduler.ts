import type { Address } from '../wire/ip-address.ts';

/** What a scheduler sees of a real server. Which server it is follows from the object's identity. */
export interface SchedulableServer {
  /** Port in host order. */
  readonly address: Address;
  readonly port: number;
  /** 0 takes no new connections. */
  readonly weight: number;
  /** The weight before it became 0, or the present one; 0 where the server was added with weight 0. */
  readonly lastWeight: number;
  /** Connections in an active state. */
  readonly active: number;
  /** Connections in any other state. */
  readonly inactive: number;
  /** Above its upper threshold, and not yet back below the lower one: takes no new connections. */
  readonly overloaded: boolean;
}

/** The packet that asks for a server. Ports in host order. */
export interface SchedulingRequest {
  readonly clientAddress: Address;
  readonly clientPort: number;
  readonly destinationAddress: Address;
}

/**
 * Chooses a real server for each new connection of one service.
 *
 * `servers` is always the service's present list in the kernel's order: the server added last stands first
 * (`ip_vs_ctl.c:ip_vs_add_dest`). A scheduler that keeps places in the list is told of every change to it.
 */
export interface Scheduler<Server extends SchedulableServer> {
  /** @returns undefined where no server may take the connection */
  choose(servers: readonly Server[], request: SchedulingRequest): Server | undefined;
  /** `servers[0]` was added. */
  added?(servers: readonly Server[]): void;
  /** A server was taken out; it stood at `index`. */
  removed?(servers: readonly Server[], index: number): void;
  /** A server has other settings than before. */
  edited?(servers: readonly Server[]): void;
  /** The service has other flags than before, or the same once more. */
  flagged?(flags: SchedulerFlags): void;
}

/** A service's `flag-1`, `flag-2` and `flag-3` as bits 0, 1 and 2 (kernel `IP_VS_SVC_F_SCHED1` to `3`). */
export type SchedulerFlags = number;

/** What the flags are to sh and mh. */
export const SCHEDULER_FLAG = {
  /** Where the server may take no connection another one is looked for. */
  fallback: 1,
  /** The client's port counts. */
  port: 2,
} as const;

/** Whether a server may take a new connection. */
export function isUsable(server: SchedulableServer): boolean {
  return server.weight > 0 && !server.overloaded;
}
