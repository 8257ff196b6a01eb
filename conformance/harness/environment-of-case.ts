import type { Environment } from '../../reference/environment.ts';
import type { Case } from './case.ts';
import { defaultEnvironment } from './default-environment.ts';

/** The default host with the case's changes. Of the settings, too, only those change that the case names. */
export function environmentOfCase({ environment }: Case): Environment {
  return {
    ...defaultEnvironment,
    ...environment,
    sysctls: { ...defaultEnvironment.sysctls, ...environment?.sysctls },
  };
}
