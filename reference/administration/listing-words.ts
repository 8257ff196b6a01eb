import { SCHEDULER_FLAG, type SchedulerFlags } from '../schedulers/scheduler.ts';
import { formatIpv4 } from '../wire/address.ts';
import { isIpv6, type Address } from '../wire/ip-address.ts';

/** Words of a service that ipvsadm prints alike wherever it prints them. */

/** The netmask of persistence, empty where it takes each client for itself. */
export function maskText(address: Address, netmask: number): string {
  if (isIpv6(address)) return netmask === 128 ? '' : String(netmask);
  return netmask === 0xffff_ffff ? '' : formatIpv4(netmask);
}

/** `sh-fallback,sh-port`; `flag-1,flag-3` where the scheduler has no names for them (`ipvsadm.c:print_sched_flags`). */
export function schedulerFlagNames(scheduler: string, flags: SchedulerFlags): string {
  const named =
    scheduler === 'sh' || scheduler === 'mh'
      ? ([
          [SCHEDULER_FLAG.fallback, `${scheduler}-fallback`],
          [SCHEDULER_FLAG.port, `${scheduler}-port`],
        ] as const)
      : ([
          [1, 'flag-1'],
          [2, 'flag-2'],
          [4, 'flag-3'],
        ] as const);
  return named
    .filter(([bit]) => (flags & bit) !== 0)
    .map(([, name]) => name)
    .join(',');
}
