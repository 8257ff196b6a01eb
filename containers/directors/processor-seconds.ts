import type { Shell } from '../lab/shell.ts';

/** Ticks of /proc/PID/stat a second: `sysconf(_SC_CLK_TCK)` of every Linux on x86-64. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that all processes of a container have used, those that they waited for included. */
export async function processorSeconds(container: Shell): Promise<number> {
  // proc(5): behind the name in parentheses, utime, stime, cutime and cstime are fields 12 to 15.
  const output = await container.must(
    `cat /proc/[0-9]*/stat 2>/dev/null | awk '{ sub(/^.*\\) /, ""); t += $12 + $13 + $14 + $15 } END { print t }'`,
  );
  return Number(output) / TICKS_PER_SECOND;
}
