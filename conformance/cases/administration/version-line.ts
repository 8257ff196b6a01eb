import type { Lab } from '../../harness/lab.ts';

/** The first line of a listing of services, with the buckets of the connection table: `few` where that is as large as it needs to be. */
export const versionLine = ({ profile }: Lab, few = 256): string =>
  `IP Virtual Server version 1.2.1 (size=${profile.connectionTable === 'fixed' ? 4096 : few})`;
