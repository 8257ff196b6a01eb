import { formatEndpoint } from '../wire/ip-address.ts';
import { protocolName, type ConnectionRow } from './listing.ts';

const TITLE = ['pro', 'expire', 'state', 'source', 'virtual', 'destination'] as const;
const WIDTHS = [3, 6, 11, 18, 18] as const;

/** What `ipvsadm -L -c -n` prints (`ipvsadm.c:list_conn, print_conn`), to the byte. */
export function ipvsadmConnections(connections: Iterable<ConnectionRow>): string {
  const rows = [...connections].map((row) => [
    protocolName(row.protocol),
    minutesAndSeconds(Math.max(0, Math.floor(row.expires))),
    row.state,
    formatEndpoint(row.clientAddress, row.clientPort),
    formatEndpoint(row.virtualAddress, row.virtualPort),
    formatEndpoint(row.destinationAddress, row.destinationPort),
  ]);
  return ['IPVS connection entries', ...[TITLE, ...rows].map(columns), ''].join('\n');
}

const columns = (words: readonly string[]): string =>
  words.map((word, index) => word.padEnd(WIDTHS[index] ?? 0)).join(' ');

/** `14:59` */
function minutesAndSeconds(seconds: number): string {
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
