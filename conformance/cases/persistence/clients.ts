import type { ConnectionRow, Lab } from '../../harness/lab.ts';
import { ip, tcp } from '../../harness/layers.ts';

/** One connection's first segment, from any client to any port. */
export interface Opening {
  /** Default: the client's address. */
  readonly source?: string;
  readonly sourcePort: number;
  /** Default: the VIP. */
  readonly destination?: string;
  /** Default 80. */
  readonly port?: number;
  /** The real server's port. Default: the port asked for. */
  readonly realPort?: number;
}

/** Opens a connection under VS/NAT and tells which server, 1 to 4, got it. */
export async function serverOf(lab: Lab, opening: Opening): Promise<number> {
  const { source = lab.client.address, sourcePort, destination = lab.vip, port = 80, realPort = port } = opening;
  await lab.client.sends(ip({ source, destination }), tcp({ sourcePort, destinationPort: port, flags: 'S' }));
  const segment = tcp({ sourcePort, destinationPort: realPort, flags: 'S' });
  return lab.servers.indexOf(lab.oneOf(lab.servers, [ip({ source }), segment]).host) + 1;
}

/** The director's records of templates: those of no client port. */
export async function templates(lab: Lab): Promise<readonly ConnectionRow[]> {
  return (await lab.connections()).filter(({ client }) => client.endsWith(':0'));
}

/** What a record says, without the time left. */
export function brief({ protocol, client, virtual, destination, state }: ConnectionRow): string {
  return `${protocol} ${client} ${virtual} ${destination} ${state}`;
}
