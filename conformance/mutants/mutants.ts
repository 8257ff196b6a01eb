import { mutants as administration } from './faults/administration.ts';
import { mutants as applications } from './faults/applications.ts';
import { mutants as connections } from './faults/connections.ts';
import { mutants as defence } from './faults/defence.ts';
import { mutants as director } from './faults/director.ts';
import { mutants as forwarding } from './faults/forwarding.ts';
import { mutants as ipv6 } from './faults/ipv6.ts';
import { mutants as kernels } from './faults/kernels.ts';
import { mutants as protocols } from './faults/protocols.ts';
import { mutants as schedulers } from './faults/schedulers.ts';
import { mutants as services } from './faults/services.ts';
import { mutants as sip } from './faults/sip.ts';
import { mutants as statistics } from './faults/statistics.ts';
import { mutants as synchronisation } from './faults/synchronisation.ts';
import type { Mutant } from './mutant.ts';

/** The faults that the suite must notice. */
export const mutants: readonly Mutant[] = [
  ...administration,
  ...applications,
  ...connections,
  ...defence,
  ...director,
  ...forwarding,
  ...ipv6,
  ...kernels,
  ...protocols,
  ...schedulers,
  ...services,
  ...sip,
  ...statistics,
  ...synchronisation,
];
