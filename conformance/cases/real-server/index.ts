import { RIGHT_SETUPS } from '../../../generators/real-server/right-setups.ts';
import type { ServerSetup } from '../../../generators/real-server/server-setup.ts';
import type { ServerCase } from '../../harness/server-case.ts';
import { suiteOf } from '../../harness/suite-of.ts';
import { requirements as arp } from './arp.ts';
import { cases as arpSettings } from './arp-settings.ts';
import { requirements as requests } from './requests.ts';
import { caseFor, type Requirement } from './requirement.ts';
import { requirements as sizes } from './sizes.ts';
import { cases as sourceValidation } from './source-validation.ts';
import { requirements as tunnel } from './tunnel.ts';

/** What is asked of every set-up. */
export const requirements: readonly Requirement[] = [...arp, ...requests, ...sizes, ...tunnel];

/** All that is asked of a set-up. */
export function casesFor(setup: ServerSetup): readonly ServerCase[] {
  const asked = requirements.filter(({ methods }) => methods.some((method) => setup.methods.includes(method)));
  return suiteOf(asked.map((requirement) => caseFor(requirement, setup)));
}

/** The suite of real servers: every requirement of every right set-up, and what Linux makes of its settings. */
export const serverSuite: readonly ServerCase[] = suiteOf(
  RIGHT_SETUPS.flatMap(casesFor),
  arpSettings,
  sourceValidation,
);
