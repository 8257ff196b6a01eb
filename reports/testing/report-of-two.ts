import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from '../../conformance/cases/index.ts';
import type { Run } from '../../conformance/harness/run.ts';
import { runSuite } from '../../conformance/harness/runner.ts';
import { ReferenceTarget } from '../../conformance/targets/reference/reference-target.ts';
import { Director, type DirectorOptions } from '../../reference/director.ts';
import { PROFILES } from '../../reference/profile.ts';

/** Does what the papers promise, whatever it is asked to be. */
class PaperDirector extends Director {
  constructor(options: DirectorOptions) {
    super({ ...options, profile: PROFILES.paper });
  }
}

/** A real run of some cases on the reference and on a director that differs from it: the paper's profile under another name. */
export async function runOfTwo(folder: string): Promise<Run> {
  const capturesFolder = join(folder, 'captures');
  mkdirSync(capturesFolder, { recursive: true });
  const reference = new ReferenceTarget({ profile: PROFILES.linux });
  // Held to what kernels do.
  const paper = new ReferenceTarget({ profile: PROFILES.linux, id: 'paper', director: PaperDirector });
  return runSuite({
    cases: suite.filter(({ id }) => /^(states|arp|scheduling\/wrr|timeouts\/(fin|udp))/.test(id)),
    targets: [reference, paper],
    reference: () => reference,
    tool: { version: '0.1.0', command: 'lvs-conformance run' },
    capturesFolder,
  });
}
