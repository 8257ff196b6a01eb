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
import { PowerOfTwoChoices } from './twos.ts';
import { WeightedLeastConnection } from './wlc.ts';
import { WeightedRoundRobin } from './wrr.ts';

/** What schedulers need to forget and to draw lots. */
export interface SchedulerHost {
  /** Milliseconds. */
  readonly now: () => number;
  /** Seconds: the settings `vs.lblc_expiration` and `vs.lblcr_expiration`. */
  readonly expiration: (scheduler: 'lblc' | 'lblcr') => number;
  /** A whole number from 0 to below the limit. */
  readonly random: (limit: number) => number;
}

/** What a new scheduler is given. */
export interface SchedulerSetting<Server extends SchedulableServer> {
  readonly overhead: Overhead;
  /** The service's servers at that moment: none for a new service, any number where the scheduler was changed. */
  readonly servers: readonly Server[];
  readonly flags: SchedulerFlags;
  readonly host: SchedulerHost;
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
  ['lblc', ({ overhead, host }) => new LocalityBasedLeastConnection(overhead, forgetting(host, 'lblc'))],
  ['lblcr', ({ overhead, host }) => new LocalityBasedWithReplication(overhead, forgetting(host, 'lblcr'))],
  ['twos', ({ overhead, host }) => new PowerOfTwoChoices(overhead, host.random)],
]);

const forgetting = ({ now, expiration }: SchedulerHost, scheduler: 'lblc' | 'lblcr') => ({
  now,
  expiration: () => expiration(scheduler),
});

/** Those that there are, by name. */
export const SCHEDULERS: readonly string[] = [...FACTORIES.keys()];

/** @returns undefined for a name that no kernel knows */
export function createScheduler<Server extends SchedulableServer>(
  name: string,
  setting: SchedulerSetting<Server>,
): Scheduler<Server> | undefined {
  return FACTORIES.get(name)?.(setting);
}
