export interface PacketCounters {
  readonly received: number;
  readonly sent: number;
}

/** Packets of each device from the text of `/proc/net/dev` (net/core/net-procfs.c:dev_seq_printf_stats). */
export const packetCounters = (text: string): ReadonlyMap<string, PacketCounters> =>
  new Map(
    text
      .split('\n')
      // Two lines of headings.
      .slice(2)
      .map((line) => {
        const [name = '', ...columns] = line.trim().split(/:\s*|\s+/);
        return [name, { received: Number(columns[1]), sent: Number(columns[9]) }];
      }),
  );
