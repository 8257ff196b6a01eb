import type { CableCount } from '../lab/link.ts';

/** What passed the cables of the director, and those of all real servers, in a time. */
export interface Counted {
  readonly director: CableCount;
  readonly servers: CableCount;
}
