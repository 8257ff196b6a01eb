import type { Figures, Statistics } from './statistics.ts';

const COLUMNS = [
  ['connections', 8],
  ['inPackets', 8],
  ['outPackets', 8],
  ['inBytes', 16],
  ['outBytes', 16],
] as const satisfies readonly (readonly [keyof Figures, number])[];

/** `%8LX %8LX %8LX %16LX %16LX` */
function row(figures: Figures): string {
  return COLUMNS.map(([name, width]) => figures[name].toString(16).toUpperCase().padStart(width)).join(' ');
}

/** The text of `/proc/net/ip_vs_stats` (`ip_vs_ctl.c:ip_vs_stats_show`), to the byte: all numbers hexadecimal. */
export function statisticsText({ totals, rates }: Statistics): string {
  return [
    '   Total Incoming Outgoing         Incoming         Outgoing',
    '   Conns  Packets  Packets            Bytes            Bytes',
    row(totals),
    '',
    ' Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
    row(rates),
    '',
  ].join('\n');
}

/** The text of `/proc/net/ip_vs_stats_percpu` on a machine of one CPU (`ip_vs_ctl.c:ip_vs_stats_percpu_show`), to the byte. */
export function statisticsPerCpuText({ counted, totals, rates }: Statistics): string {
  return [
    '       Total Incoming Outgoing         Incoming         Outgoing',
    'CPU    Conns  Packets  Packets            Bytes            Bytes',
    `  0 ${row(counted)}`,
    `  ~ ${row(totals)}`,
    '',
    '     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s',
    `    ${row(rates)}`,
    '',
  ].join('\n');
}
