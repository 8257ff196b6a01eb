import type { Environment } from '../../reference/environment.ts';
import type { Feature } from '../targets/target.ts';
import type { Lab } from './lab.ts';
import type { Level } from './run.ts';

/** One behaviour asked of a director. */
export interface Case {
  /** `area/name`, stable for ever. */
  readonly id: string;
  readonly title: string;
  /** The sentence that the director must live up to. */
  readonly requirement: string;
  /** Where that sentence comes from: `paper P11`, `RFC 1812 §5.3.1`, `ip_vs_core.c:ip_vs_in_hook`, `ipvs-cases A01`. */
  readonly source: readonly string[];
  readonly level: Level;
  readonly tags: readonly string[];
  readonly needs: readonly Feature[];
  /** Changes to the default host (`defaultEnvironment`). */
  readonly environment?: Partial<Environment>;
  /** Virtual services in the ipvsadm language, one command a line. */
  readonly rules: string;
  script(lab: Lab): Promise<void>;
}
