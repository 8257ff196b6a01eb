/** What was measured a few times. */
export interface Measurement {
  readonly median: number;
  readonly smallest: number;
  readonly largest: number;
}

/** Measures `runs` times after a first time that only warms up. `once` returns a rate. */
export function measure(runs: number, once: () => number): Measurement {
  once();
  return summary(Array.from({ length: runs }, once));
}

export function summary(rates: readonly number[]): Measurement {
  const sorted = [...rates].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    smallest: sorted[0] ?? 0,
    largest: sorted.at(-1) ?? 0,
  };
}

/** Seconds that the processors have worked for this process: on a busy machine the clock on the wall tells little. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Calls of `step` in a second of one processor, times `batch`, which is to be so large that looking at the clock costs nothing. */
export function ratePerSecond(batch: number, step: () => void, seconds = 0.5): number {
  const started = processorSeconds();
  let count = 0;
  do {
    step();
    count += batch;
  } while (processorSeconds() - started < seconds);
  return count / (processorSeconds() - started);
}
