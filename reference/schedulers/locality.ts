import type { SchedulableServer } from './scheduler.ts';

/**
 * Whether a destination must leave its server: the server has more active connections than its weight says while
 * another one has less than half (kernel `ip_vs_lblc.c:is_overloaded`). Thresholds play no part.
 */
export function isCrowded(server: SchedulableServer, servers: readonly SchedulableServer[]): boolean {
  return server.active > server.weight && servers.some(({ active, weight }) => 2 * active < weight);
}

/**
 * A remembered server as it stands in the service's list now. One that was removed is not there; one that was added
 * anew is the one remembered (kernel `ip_vs_ctl.c:ip_vs_trash_get_dest`), which is why address and port name it.
 */
export function configured<Server extends SchedulableServer>(
  { address, port }: Server,
  servers: readonly Server[],
): Server | undefined {
  return servers.find((server) => server.address === address && server.port === port);
}
