import { formatEndpoint } from '../wire/ip-address.ts';
import { protocolName, type ConnectionRow } from './listing.ts';

const TITLE = ['pro', 'expire', 'state', 'source', 'virtual', 'destination'] as const;
const WIDTHS = [3, 6, 11, 18, 18] as const;
const ENGINE_TITLE = [...TITLE, 'pe name', 'pe_data'] as const;
const ENGINE_TITLE_WIDTHS = [...WIDTHS, 18, 16] as const;
/** Rows keep another measure than their title. */
const ENGINE_WIDTHS = [...WIDTHS, 16, 18] as const;

/**
 * What `ipvsadm -L -c -n` prints (`ipvsadm.c:list_conn, print_conn`), to the byte.
 *
 * @param withEngineData `--persistent-conn`: templates of a persistence engine show its data
 */
export function ipvsadmConnections(connections: Iterable<ConnectionRow>, withEngineData: boolean): string {
  const title = withEngineData ? columns(ENGINE_TITLE, ENGINE_TITLE_WIDTHS) : columns(TITLE, WIDTHS);
  const rows = [...connections].map((row) => {
    const words = wordsOf(row);
    return withEngineData && row.engine !== undefined
      ? columns([...words, row.engine.name, row.engine.data], ENGINE_WIDTHS)
      : columns(words, WIDTHS);
  });
  return ['IPVS connection entries', title, ...rows, ''].join('\n');
}

function wordsOf(row: ConnectionRow): readonly string[] {
  return [
    protocolName(row.protocol),
    minutesAndSeconds(Math.max(0, Math.floor(row.expires))),
    row.state,
    formatEndpoint(row.clientAddress, row.clientPort),
    formatEndpoint(row.virtualAddress, row.virtualPort),
    formatEndpoint(row.destinationAddress, row.destinationPort),
  ];
}

const columns = (words: readonly string[], widths: readonly number[]): string =>
  words.map((word, index) => word.padEnd(widths[index] ?? 0)).join(' ');

/** `14:59` */
function minutesAndSeconds(seconds: number): string {
  return [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
