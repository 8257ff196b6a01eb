import { InternalFault } from '../../reference/errors.ts';
import { formatEndpoint } from '../../reference/wire/ip-address.ts';
import { parseIpv6 } from '../../reference/wire/ipv6-address.ts';
import type { ConnectionRow, OriginRow, ServerRow, ServiceRow } from './lab.ts';

/** Of IPv4 eight digits; of IPv6 eight groups of four, in brackets before a colon. */
const ADDRESS = '([0-9A-F]{8}|(?:[0-9a-f]{4}:){7}[0-9a-f]{4})';
const ENDPOINT = `\\[?${ADDRESS}\\]?[ :]([0-9A-F]{4})`;
const CONNECTION = new RegExp(`^(\\S+)\\s+${ENDPOINT} ${ENDPOINT} ${ENDPOINT} (\\S+)\\s+(?:(LOCAL|SYNC)\\s+)?(\\d+)`);
const SERVICE = new RegExp(`^(?:(TCP|UDP|SCTP) +${ENDPOINT}|(FWM) +([0-9A-F]{8})) (\\S+)(.*)`);
const SERVER = new RegExp(`^ {2}-> ${ENDPOINT} +(\\S+) +(-?\\d+) +(\\d+) +(\\d+)`);

/**
 * The rows of `/proc/net/ip_vs_conn` (`ip_vs_conn.c:ip_vs_conn_seq_show`): addresses and ports are hexadecimal in host order.
 * Sorted by text, since the table's own order depends on a random number of each boot.
 */
export function parseConnections(text: string): readonly ConnectionRow[] {
  return parseRows(text).map(({ row }) => row);
}

/** The same of `/proc/net/ip_vs_conn_sync` (`ip_vs_conn.c:ip_vs_conn_sync_seq_show`), whose rows say besides who made the connection. */
export function parseOrigins(text: string): readonly OriginRow[] {
  return parseRows(text).map(({ row, origin }) => ({ ...row, origin }));
}

function parseRows(text: string): readonly { readonly row: ConnectionRow; readonly origin: string }[] {
  return lines(text)
    .filter((line) => !line.startsWith('Pro '))
    .map((line) => {
      const [
        ,
        protocol,
        clientAddress,
        clientPort,
        virtualAddress,
        virtualPort,
        address,
        port,
        state,
        origin,
        expires,
      ] = CONNECTION.exec(line) ?? unreadable(line);
      const row = {
        protocol: protocol ?? '',
        client: endpoint(clientAddress, clientPort),
        virtual: endpoint(virtualAddress, virtualPort),
        destination: endpoint(address, port),
        state: state ?? '',
        expires: Number(expires),
      };
      return { row, origin: origin ?? '' };
    })
    .sort((a, b) => (key(a.row) < key(b.row) ? -1 : 1));
}

/**
 * The services of `/proc/net/ip_vs` (`ip_vs_ctl.c:ip_vs_info_seq_show`), each with its servers in the director's own order.
 * A service by firewall mark has protocol `FWM` and the mark in decimal as its address.
 */
export function parseServices(text: string): readonly ServiceRow[] {
  const services: (ServiceRow & { servers: ServerRow[] })[] = [];
  for (const line of lines(text)) {
    if (/^(IP Virtual Server|Prot |  -> RemoteAddress)/.test(line)) continue;
    const server = SERVER.exec(line);
    if (server === null) {
      const [, protocol, address, port, mark, markValue, scheduler = '', flags = ''] =
        SERVICE.exec(line) ?? unreadable(line);
      const place =
        mark === undefined
          ? { protocol: protocol ?? '', address: endpoint(address, port) }
          : { protocol: mark, address: String(Number.parseInt(markValue ?? '', 16)) };
      services.push({ ...place, scheduler, flags: flags.trim(), servers: [] });
    } else {
      const [, address, port, forward, weight, active, inactive] = server;
      const service = services.at(-1) ?? unreadable(line);
      service.servers.push({
        address: endpoint(address, port),
        forward: forward ?? '',
        weight: Number(weight),
        active: Number(active),
        inactive: Number(inactive),
      });
    }
  }
  return services;
}

const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

const key = (row: ConnectionRow) => [row.protocol, row.client, row.virtual, row.destination].join(' ');

function endpoint(address = '', port = ''): string {
  const value = address.includes(':') ? parseIpv6(address) : Number.parseInt(address, 16);
  return formatEndpoint(value, Number.parseInt(port, 16));
}

function unreadable(line: string): never {
  throw new InternalFault(`the director's listing has a line that nobody can read: '${line}'`);
}
