import { UnsupportedFeature } from '../errors.ts';
import { DestinationHashing } from './dh.ts';
import { WeightedFailover } from './fo.ts';
import { LocalityBasedLeastConnection } from './lblc.ts';
import { LocalityBasedWithReplication } from './lblcr.ts';
import { LeastConnection } from './lc.ts';
import { MaglevHashing } from './mh.ts';
import { NeverQueue } from './nq.ts';
import type { Overhead } from './overhead.ts';
import { WeightedOverflow } from './ovf.ts';
import { RoundRobin } from './rr.ts';
import type { SchedulableServer, Scheduler, SchedulerFlags } from './scheduler.ts';
import { ShortestExpectedDelay } from './sed.ts';
import { SourceHashing } from './sh.ts';
import { WeightedLeastConnection } from './wlc.ts';
import { WeightedRoundRobin } from './wrr.ts';

/** For schedulers that forget. */
export interface SchedulerTime {
  /** Milliseconds. */
  readonly now: () => number;
  /** Seconds: the settings `vs.lblc_expiration` and `vs.lblcr_expiration`. */
  readonly expiration: (scheduler: 'lblc' | 'lblcr') => number;
}

/** What a new scheduler is given. */
export interface SchedulerSetting<Server extends SchedulableServer> {
  readonly overhead: Overhead;
  /** The service's servers at that moment: none for a new service, any number where the scheduler was changed. */
  readonly servers: readonly Server[];
  readonly flags: SchedulerFlags;
  readonly time: SchedulerTime;
}

type SchedulerFactory = <Server extends SchedulableServer>(setting: SchedulerSetting<Server>) => Scheduler<Server>;

const FACTORIES: ReadonlyMap<string, SchedulerFactory> = new Map<string, SchedulerFactory>([
  ['rr', () => new RoundRobin()],
  ['wrr', ({ servers }) => new WeightedRoundRobin(servers)],
  ['lc', ({ overhead }) => new LeastConnection(overhead)],
  ['wlc', ({ overhead }) => new WeightedLeastConnection(overhead)],
  ['sed', () => new ShortestExpectedDelay()],
  ['nq', () => new NeverQueue()],
  ['fo', () => new WeightedFailover()],
  ['ovf', () => new WeightedOverflow()],
  ['dh', () => new DestinationHashing()],
  ['sh', ({ servers, flags }) => new SourceHashing(servers, flags)],
  ['mh', ({ servers, flags }) => new MaglevHashing(servers, flags)],
  ['lblc', ({ overhead, time }) => new LocalityBasedLeastConnection(overhead, forgetting(time, 'lblc'))],
  ['lblcr', ({ overhead, time }) => new LocalityBasedWithReplication(overhead, forgetting(time, 'lblcr'))],
]);

const forgetting = ({ now, expiration }: SchedulerTime, scheduler: 'lblc' | 'lblcr') => ({
  now,
  expiration: () => expiration(scheduler),
});

/** Those that there are, by name. */
export const SCHEDULERS: readonly string[] = [...FACTORIES.keys()];

/**
 * @returns undefined for a name that no kernel knows
 * @throws UnsupportedFeature for a scheduler that the kernel has and this director has not
 */
export function createScheduler<Server extends SchedulableServer>(
  name: string,
  setting: SchedulerSetting<Server>,
): Scheduler<Server> | undefined {
  if (name === 'twos') {
    // ip_vs_twos.c:ip_vs_twos_schedule
    throw new UnsupportedFeature(
      `Scheduler twos is not implemented: its choice is random, and Debian's kernels do not have it; choose one of ${SCHEDULERS.join(', ')}`,
    );
  }
  return FACTORIES.get(name)?.(setting);
}
