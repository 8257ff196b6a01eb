/** What a scheduler sees of a real server. Which server it is follows from the object's identity. */
export interface SchedulableServer {
  /** 0 takes no new connections. */
  readonly weight: number;
  /** Connections in an active state. */
  readonly active: number;
  /** Connections in any other state. */
  readonly inactive: number;
  /** Above its upper threshold, and not yet back below the lower one: takes no new connections. */
  readonly overloaded: boolean;
}

/** The packet that asks for a server. Addresses and ports are numbers in host order. */
export interface SchedulingRequest {
  readonly clientAddress: number;
  readonly clientPort: number;
  readonly destinationAddress: number;
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
}

/** Whether a server may take a new connection. */
export function isUsable(server: SchedulableServer): boolean {
  return server.weight > 0 && !server.overloaded;
}
