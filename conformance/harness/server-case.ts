import type { ServerSetup } from '../../generators/real-server/server-setup.ts';
import type { Case } from './case.ts';
import type { ServerLab } from './server-lab.ts';

/** One behaviour asked of a real server, arranged as its set-up says. Files: `conformance/cases/real-server/`. */
export interface ServerCase extends Pick<Case, 'id' | 'title' | 'requirement' | 'source' | 'level' | 'tags'> {
  readonly setup: ServerSetup;
  script(lab: ServerLab): Promise<void>;
}

/** A case about a director, or about a real server. */
export type AnyCase = Case | ServerCase;

export function isServerCase(theCase: AnyCase): theCase is ServerCase {
  return 'setup' in theCase;
}
