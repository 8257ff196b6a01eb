import type { Run } from '../../conformance/harness/run.ts';
import { toolVersion } from '../../command/tool-version.ts';
import { factsOf, type ContainerCase } from './container-case.ts';

/** What is the same in every run of these cases, whatever came of them. */
export function runFrame(cases: readonly ContainerCase[]): Pick<Run, 'schema' | 'tool' | 'cases'> {
  return {
    schema: 1,
    tool: { name: 'lvs-conformance', version: toolVersion(), command: 'npm run containers' },
    cases: cases.map(factsOf),
  };
}
