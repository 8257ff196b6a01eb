import type { Feature } from '../../conformance/targets/target.ts';
import type { Level } from '../../conformance/harness/run.ts';
import type { Lab } from '../lab/lab.ts';
import type { Judge } from './judge.ts';

/**
 * What real clients ask of real servers through a director. In every topology that it names it is a case of its own, `TOPOLOGY/NAME`.
 *
 * Scenarios live in `containers/scenarios/FILE.ts`; each file exports `scenarios: readonly Scenario[]` and is named in `index.ts`. A
 * script proves what it says by content (a hash, the name of the server that answered), not by an exit status alone. Services run on
 * all servers from the beginning (`containers/services/`); a script only starts clients.
 */
export interface Scenario {
  /** `http-keep-alive` */
  readonly name: string;
  readonly title: string;
  /** The sentence that the director must live up to. */
  readonly requirement: string;
  readonly source: readonly string[];
  readonly level: Level;
  readonly tags: readonly string[];
  /** What a director may lack, beside the topology's method. */
  readonly needs: readonly Feature[];
  /** Ids of topologies; left out: all. */
  readonly topologies?: readonly string[];
  /** Default true. Of a load the captures would be large, and tell nothing that others do not. */
  readonly recorded?: false;
  /** Why two directors that are both right may forward differently here: then a difference is told and does not count. */
  readonly mayDiffer?: string;
  /** Virtual services in the ipvsadm language, one command a line. */
  rules(lab: Lab): string;
  script(lab: Lab, judge: Judge): Promise<void>;
}
