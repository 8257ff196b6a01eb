import { isUsable, type SchedulableServer } from './scheduler.ts';

/** The usable server with the greatest weight among those that `may` take a connection, the first of equals. */
export function heaviest<Server extends SchedulableServer>(
  servers: readonly Server[],
  may: (server: Server) => boolean = () => true,
): Server | undefined {
  let found: Server | undefined;
  for (const server of servers) {
    if (isUsable(server) && may(server) && server.weight > (found?.weight ?? 0)) found = server;
  }
  return found;
}
