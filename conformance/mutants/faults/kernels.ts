import type { Mutant } from '../mutant.ts';

/** Faults in what changed from one kernel to another, and in telling the one from the other. */
export const mutants: readonly Mutant[] = [
  {
    id: 'kernels-damaged-error-dropped',
    fault: 'a newer kernel drops a damaged error that it would not change, as older ones do',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: 'true',
    kernel: '6.12.113',
  },
  {
    id: 'kernels-damaged-error-relayed',
    fault: 'an older kernel relays a damaged error that it would not change, as newer ones do',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: 'isChanged',
  },
  {
    id: 'kernels-damaged-error-translated',
    fault: 'a newer kernel translates a damaged error',
    file: 'forwarding/icmp-relay.ts',
    text: "(isChanged || profile.damagedErrors === 'dropped')",
    becomes: "profile.damagedErrors === 'dropped'",
    kernel: '6.12.113',
  },
  {
    id: 'kernels-active-weighs-256',
    fault: 'where the total is counted, an active connection weighs 256 inactive ones',
    file: 'schedulers/overhead.ts',
    text: '257 * server.active',
    becomes: '256 * server.active',
    kernel: '6.12.113',
  },
];
