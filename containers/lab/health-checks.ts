/** How a director that asks its servers how they are goes about it. */
export interface HealthChecks {
  /** What must be answered with status 200 on the service's own port, e.g. `/health`; left out: a connection must come about. */
  readonly path?: string;
  /** A server beside those of the service: all new connections go to it while there is no {@link quorum}. */
  readonly sorryServer?: { readonly address: string; readonly port: number };
  /** What the weights of the servers that are well must come to. Default 1. */
  readonly quorum?: number;
  /** Whether a server that is not well keeps the connections that it has, getting no new ones. Default: it is taken out. */
  readonly keepsConnections?: boolean;
}
