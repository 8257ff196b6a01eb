import { UnsupportedFeature } from '../errors.ts';
import { LeastConnection } from './lc.ts';
import type { Overhead } from './overhead.ts';
import { RoundRobin } from './rr.ts';
import type { SchedulableServer, Scheduler } from './scheduler.ts';
import { WeightedLeastConnection } from './wlc.ts';
import { WeightedRoundRobin } from './wrr.ts';

/** What a new scheduler is given. */
export interface SchedulerSetting<Server extends SchedulableServer> {
  readonly overhead: Overhead;
  /** The service's servers at that moment: none for a new service, any number where the scheduler was changed. */
  readonly servers: readonly Server[];
}

type SchedulerFactory = <Server extends SchedulableServer>(setting: SchedulerSetting<Server>) => Scheduler<Server>;

const FACTORIES: ReadonlyMap<string, SchedulerFactory> = new Map<string, SchedulerFactory>([
  ['rr', () => new RoundRobin()],
  ['wrr', ({ servers }) => new WeightedRoundRobin(servers)],
  ['lc', ({ overhead }) => new LeastConnection(overhead)],
  ['wlc', ({ overhead }) => new WeightedLeastConnection(overhead)],
]);

/** Schedulers of the kernel (`net/netfilter/ipvs/ip_vs_*.c`) that are not among {@link FACTORIES}. */
const ELSEWHERE: ReadonlySet<string> = new Set(['sed', 'nq', 'fo', 'ovf', 'sh', 'dh', 'mh', 'lblc', 'lblcr', 'twos']);

/**
 * @returns undefined for a name that no kernel knows
 * @throws UnsupportedFeature for a scheduler that the kernel has and this director has not
 */
export function createScheduler<Server extends SchedulableServer>(
  name: string,
  setting: SchedulerSetting<Server>,
): Scheduler<Server> | undefined {
  if (ELSEWHERE.has(name)) {
    throw new UnsupportedFeature(
      `Scheduler ${name} is not implemented; choose one of ${[...FACTORIES.keys()].join(', ')}`,
    );
  }
  return FACTORIES.get(name)?.(setting);
}
